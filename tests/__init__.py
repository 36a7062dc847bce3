"""A package of its own name: some installed packages bring a ``tests`` of theirs."""
