"""One verb a file, thin: parse arguments, call the use case, render, exit."""
