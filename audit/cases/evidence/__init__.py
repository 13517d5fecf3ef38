"""All that a case rests on, as a paper and as a signed package that anybody can verify without us.

pdf(case, made, language, font)                  the paper
package(case, made, language, key, font)         a zip: paper, data, attachments, a manifest of all files and its Ed25519 signature
verify(path, public_key)                         whole and signed by which key, or which file differs
signing_key(folder), fingerprint(public_key)     the desk's key, kept readable for its owner only, and the short name of a key

A case is one plain dict. Masks are already on; money is fen in columns ending `_amt` or `_fen` and in the national money columns; words
stand as {zh, en} or as text; times are zoned datetimes or ISO text. Absent sections are left out.

    case         what the desk knows: case_id (needed), state, area, batch_date, run_id, opened, deadline, reviewer, proposed_amt ...
    claim        the settlement's columns, and fraud_probability, explanation ...
    person       the person's columns, as far as the reader may see them
    findings     a list of dossiers, as audit.dossier.dossier gives them
    lines        a list of the claim's billed lines (cnt_e4, pric_e6 as stored)
    reasons      a list of the model's reasons
    decisions    a list: at, step, who, bkkp_sn, outcome, decided_amt, reason ...
    attachments  a list: name, at, who ..., and content (bytes)
    journal      a list of entries: seq, at, who, action, detail, previous, hash ...
"""

from audit.cases.evidence.checking import Verdict, verify
from audit.cases.evidence.keys import fingerprint, signing_key
from audit.cases.evidence.packing import package
from audit.cases.evidence.paper import pdf

__all__ = ["Verdict", "fingerprint", "package", "pdf", "signing_key", "verify"]
