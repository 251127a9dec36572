"""Question sets, metrics and runs: how good is a library?"""
