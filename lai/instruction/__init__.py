"""The instructor's work: analyses of errors, and new samples from the analyses."""
