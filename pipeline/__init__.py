"""The named steps of a build, and the engine that runs those whose inputs changed."""
