"""policyqa: questions over policy text, answered with ranked passages and section citations."""

__version__ = "0.1.0"
