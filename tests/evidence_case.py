"""One invented case for the tests of the evidence, with a finding in the shape of audit.dossier."""

from datetime import UTC, date, datetime

MADE = datetime(2026, 7, 20, 4, tzinfo=UTC)
_LEAF = {"joint": "", "parts": []}
FINDING = {
    "finding": {
        "jr_id": "j1", "rule_id": "POL-099", "rule_version": 2, "sev_deg": "definite", "batch_date": "2026-06-30",
        "vola_cont": "单日收取两次床位费",
        "vola_cont_en": "two beds on one day", "vola_evid": "依据", "vola_amt": 3000, "vola_inscp_amt": 2500, "vola_fund_amt": 1250,
        "counted_amt": 3000, "bkkp_sn": "F9900001",
    },
    "rule": {
        "id": "POL-099", "version": 2, "name": {"zh": "床位费重复", "en": "Two beds"},
        "clause": {"source": "某地价格目录", "text": "床位费按日计收一次"},
        "says": {"zh": "同日多张床", "en": "more than one bed on a day"},
        "innocent_explanations": {"zh": ["转科当日"], "en": ["the day of a transfer"]},
    },
    "comparison": {
        "joint": "all", "says": {}, "answer": True, "values": [],
        "parts": [
            {**_LEAF, "says": {"zh": "数量大于1", "en": "quantity above 1"}, "answer": True,
             "values": [{"name": {"zh": "数量", "en": "quantity"}, "said": {"zh": "2", "en": "2"}}]},
            {**_LEAF, "says": {"zh": "转科", "en": "moved"}, "answer": None, "values": []},
        ],
    },
    "point": {"point_id": "K1", "point_name": "床位费", "clause": "一日一次", "test": "x"},
    "claim": None,
    "lines": [{"role": "billed", "bkkp_sn": "F9900001", "setl_id": "S99", "fee_ocur_time": "2026-06-03T08:00:00", "hilist_name": "床位费",
               "cnt_e4": 20_000, "pric_e6": 30_000_000, "det_item_fee_sumamt": 6000}],
    "others": [{"rule_id": "POL-098", "counted_amt": 0, "vola_cont": "次要依据", "vola_cont_en": "secondary"}],
    "changed": None,
}  # fmt: skip


def case(**other):
    """The whole case; `other` replaces sections."""
    made = {
        "case": {"case_id": "C99-000123", "state": "re_review", "opened": datetime(2026, 7, 1, 20, tzinfo=UTC),
                 "deadline": date(2026, 7, 15)},
        "claim": {"setl_id": "S99", "fixmedins_name": "甲市第九人民医院", "medfee_sumamt": 1_234_567, "fraud_probability": 0.8125,
                  "priority": 54_321},
        "person": {"psn_no": "P99****0011", "psn_name": "王**", "gend": "2"},
        "findings": [FINDING],
        "lines": [
            {"bkkp_sn": f"F990000{number}", "fee_ocur_time": "2026-06-03T08:00:00", "cnt_e4": 10_000,
             "hilist_name": "=床位费" if number == 2 else "床位费", "pric_e6": 30_000_000, "det_item_fee_sumamt": 3000}
            for number in range(1, 6)
        ],
        "reasons": ["费用构成异常 <b>unusual</b> & more", {"zh": "工作量", "en": "load"}],
        "decisions": [{"at": MADE, "step": "first_review", "who": "reviewer-1", "bkkp_sn": "F9900001", "decided_amt": 3000,
                       "reason": "属实"}],
        "attachments": [
            {"name": "申诉 材料.pdf", "at": MADE, "who": "hospital-1", "content": b"%PDF-1 appeal"},
            {"name": "../../etc/passwd\u202e", "at": MADE, "who": "hospital-1", "content": b"x"},
        ],
        "journal": [{"seq": 1, "at": "2026-07-01T16:00:00+00:00", "who": "reviewer-1", "action": "open", "detail": "打开",
                     "previous": "0" * 64, "hash": "ab" * 32}],
    }  # fmt: skip
    return {**made, **other}
