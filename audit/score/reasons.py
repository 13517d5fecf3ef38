"""Why a claim is probable: the boosters' own contributions, summed over named groups of columns that move together.

The contributions of all columns and the starting value add up to the log-odds exactly; that is checked for every batch, so a
reason is a part of the score and not a story about it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from audit import words
from audit.errors import AuditError
from audit.score.models import Models

TOLD = 3
TOLERANCE = 1e-3


def reasons(models: Models, frame: pl.DataFrame, matrix: np.ndarray, margin: np.ndarray) -> list[list[tuple[str, float]]]:
    """For each row up to three (sentence, weight), the strongest group first; a group that lowers the score is not a reason.

    The weight is what the group adds to the log-odds, to four decimals. A sentence names the group in Chinese and English and the column
    of the group that weighs most, with its value.
    AuditError when the contributions do not add up to the log-odds.
    """
    if not frame.height:
        return []
    parts = models.contributions(matrix)
    gap = float(np.max(np.abs(parts.sum(axis=1) - margin) / np.maximum(1.0, np.abs(margin))))
    if gap > TOLERANCE:
        raise AuditError(f"The models' contributions miss the score by {gap:.4f}; the reasons would not be true.")
    names = [reason["name"] for reason in models.config["reasons"]]
    title = {reason["name"]: f"{reason['zh']} {reason['en']}" for reason in models.config["reasons"]}
    members = {name: [i for i, feature in enumerate(models.vocabulary) if feature.group == name] for name in names}
    sums = np.column_stack([parts[:, members[name]].sum(axis=1) for name in names])
    order = np.argsort(-sums, axis=1, kind="stable")[:, :TOLD]
    values = frame.select(
        words.say(name, _text(frame, name), "zh").alias(name) for name in dict.fromkeys(f.column for f in models.vocabulary)
    )
    told = []
    for row in range(frame.height):
        strongest = [names[group] for group in order[row] if sums[row, group] > 0]
        heaviest = [members[name][int(np.argmax(parts[row, members[name]]))] for name in strongest]
        columns = [models.vocabulary[i].column for i in heaviest]
        weights = [round(float(sums[row, group]), 4) for group in order[row] if sums[row, group] > 0]
        sentences = [f"{title[name]}: {column}={values[row, column]}" for name, column in zip(strongest, columns, strict=True)]
        told.append(list(zip(sentences, weights, strict=True)))
    return told


def _text(frame: pl.DataFrame, column: str) -> pl.Expr:
    """The value as text, fractions to three decimals."""
    value = pl.col(column)
    return (value.round(3) if frame.schema[column].is_float() else value).cast(pl.String)
