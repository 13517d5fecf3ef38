"""Intake: national tables (files or a database) become typed claims and lines; rows that do not fit leave with their reason."""

from audit.intake.shape import shape

__all__ = ["shape"]
