"""Intake: national tables (files or a database) become typed claims and lines; rows that do not fit leave with their reason.

read, csv_files, database, mapping   where the tables lie           -> sources
stage, clean, careful, codes         one source, column by column   -> typed rows, each with its fault, if any
sift, claims, bucket                 which rows stay, which table's word counts, refunds netted
batch, shape                         the two doors: a batch of any size to files; small frames in memory
"""

from audit.intake.batch import Intake, intake
from audit.intake.shape import shape

__all__ = ["Intake", "intake", "shape"]
