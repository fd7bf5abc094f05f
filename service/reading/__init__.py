"""What a question costs and returns. No HTTP: the command line asks the same questions."""
