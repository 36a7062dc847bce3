"""The last step of a build: every figure of every step in one checked file, and a page for people."""
