"""What every package needs: errors, files that are never half-written, tools, progress."""
