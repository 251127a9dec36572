"""policyqa: questions over policy text, answered with ranked passages and exact section citations."""

__version__ = "0.1.0"
