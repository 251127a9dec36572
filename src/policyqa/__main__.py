"""`python -m policyqa` is the command line."""

from policyqa.cli import main

main()
