"""The audit of a core: its syntax trees and its memory files against the integer network."""

from rtl.audit.audit import AuditResult, audit_core

__all__ = ["AuditResult", "audit_core"]
