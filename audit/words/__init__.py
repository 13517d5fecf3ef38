"""How things are said, in Chinese and in English: values, codes, columns, and what is true of them.

say(column, value, language), yuan(...)   values as words: money in yuan, codes by name (expressions)
value(column, value, language)            the same for one value
name(column, language)                    what a column is called
truth(column, holds, language)            what is said when it is true, or false
presence(column, there, language)         what is said when it is there, or missing
some(column, any_, language)              what is said when an amount is above zero, or not
phrase(sql, holds, language)              the words that a comparison has of its own, or None
harm(text)                                what is wrong with a text that people will see

Names stand in `stored` (national columns), `items` (facts of items) and `made` (measures, parameters), clauses in `limits` (facts of
items), `clauses` (measures) and `phrases` (comparisons), the national rule types in `types`: the one home of each.
"""

from audit.words.codes import CODES, HOSPITAL_LEVEL, REFUSALS, RULE_CLASSES, TREATMENT
from audit.words.names import NAMES, PHRASES, PRESENCE, TRUTH, name, phrase, presence, some, truth
from audit.words.safe import FORMULA, harm
from audit.words.types import INDICATOR, TYPES
from audit.words.values import say, value, yuan

__all__ = [
    "CODES", "FORMULA", "HOSPITAL_LEVEL", "INDICATOR", "NAMES", "PHRASES", "PRESENCE", "REFUSALS", "RULE_CLASSES", "TREATMENT", "TRUTH",
    "TYPES", "harm", "name", "phrase", "presence", "say", "some", "truth", "value", "yuan",
]  # fmt: skip
