"""The configuration: its schema, and how a TOML file and ``--set`` become one."""

from model.config.schema import Configuration

__all__ = ["Configuration"]
