"""How things are said, in Chinese and in English: values, codes, columns, and what is true of them.

say(column, value, language), yuan(...)   values as words: money in yuan, codes by name (expressions)
value(column, value, language)            the same for one value
name(column, language)                    what a column is called
truth(column, holds, language)            what is said when it is true, or false
presence(column, there, language)         what is said when it is there, or missing
harm(text)                                what is wrong with a text that people will see

Names stand in `stored` (national columns) and `made` (facts, measures, parameters), clauses in `clauses`: the one home of each.
"""

from audit.words.codes import CODES, HOSPITAL_LEVEL, TREATMENT
from audit.words.names import NAMES, TRUTH, name, presence, truth
from audit.words.safe import FORMULA, harm
from audit.words.values import say, value, yuan

__all__ = [
    "CODES", "FORMULA", "HOSPITAL_LEVEL", "NAMES", "TREATMENT", "TRUTH", "harm", "name", "presence", "say", "truth", "value", "yuan",
]  # fmt: skip
