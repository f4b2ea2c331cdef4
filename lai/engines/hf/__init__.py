"""The target in this process, through transformers."""
