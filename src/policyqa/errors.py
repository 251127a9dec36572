"""The errors a caller may see. Each message says in one line what is wrong and what to do next."""


class PolicyQAError(Exception):
    """Base of every error policyqa raises on purpose; the CLI prints it and exits with status 2."""


class ReadError(PolicyQAError):
    """A document file cannot be read; indexing skips it and names it."""


class LibraryError(PolicyQAError):
    """A library is missing, damaged, or does not fit the settings."""


class EncoderError(PolicyQAError):
    """An encoder cannot be found, prepared or loaded."""


class QuestionError(PolicyQAError):
    """A question is empty or too long."""


class EvaluationError(PolicyQAError):
    """A question set or a saved run is malformed."""


class FetchError(PolicyQAError):
    """An address cannot be fetched, or what came is not what was asked for."""


class KeyFileError(PolicyQAError):
    """API keys cannot be read or changed as told."""
