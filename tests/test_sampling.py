"""Samples: drawn the same again, sized as promised, carried over as by hand, and right as often as they say."""

import json
import random
from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest

from audit.cases.refused import Refused
from audit.cases.sampling import Band, Plan, bands, draw, estimate, method_text, new_seed, plan


def frame_of(amounts):
    return pl.DataFrame({"id": [f"S{number:05}" for number in range(len(amounts))], "amount": amounts})


def reviewed(*units):
    """Rows of a reviewed sample from (how many, band, billed, overpaid)."""
    rows = [unit[1:] for unit in units for _ in range(unit[0])]
    return pl.DataFrame(
        [(f"S{number}", amount, band, overpaid) for number, (band, amount, overpaid) in enumerate(rows)],
        schema={"id": pl.String, "amount": pl.Int64, "band": pl.Int64, "overpaid": pl.Int64},
        orient="row",
    )


def planned(*parts, estimator="difference"):
    return Plan(7, "claim", estimator, tuple(Band(*part) for part in parts), "f")


SKEWED = frame_of([int(random.Random(number).lognormvariate(11, 1)) for number in range(900)])
EVEN = frame_of([random.Random(number).randint(5_000, 20_000) for number in range(900)])


def test_a_draw_is_the_same_again_and_a_larger_one_begins_with_it():
    bounds = bands(SKEWED, 3)
    small, large = (plan(SKEWED, seed=11, size=size, bounds=bounds) for size in (120, 240))
    drawn = draw(SKEWED, small)
    assert drawn.equals(draw(SKEWED.sample(fraction=1, shuffle=True, seed=1), small)) and len(drawn) == small.size == 120
    assert drawn.select("id").join(draw(SKEWED, large), on="id", how="anti").is_empty()
    assert not drawn.equals(draw(SKEWED, plan(SKEWED, seed=12, size=120, bounds=bounds)))
    assert Plan.from_dict(json.loads(json.dumps(small.as_dict()))) == small
    for number, band in enumerate(small.bands):
        mine = drawn.filter(pl.col("band") == number)
        assert len(mine) == band.size and mine["turn"].to_list() == list(range(1, band.size + 1))
        assert mine["amount"].is_between(band.from_fen, (band.below_fen or 2**60) - 1).all()
    with pytest.raises(Refused, match="not the one this sample was planned for"):
        draw(SKEWED.with_columns(pl.col("amount") + 1), small)
    assert new_seed() != new_seed()


def test_every_unit_is_drawn_equally_often():
    frame = frame_of([100] * 60)
    made = plan(frame, seed=0, size=20)
    times = pl.concat([draw(frame, replace(made, seed=seed)) for seed in range(300)]).group_by("id").len()
    assert len(times) == 60 and times["len"].is_between(70, 130).all()  # 100 expected, standard deviation 8


def test_bands_hold_about_equal_money_and_a_giant_is_alone():
    made = plan(SKEWED, seed=1, size=150, bounds=bands(SKEWED, 4)).bands
    shares = [band.billed_fen / sum(band.billed_fen for band in made) for band in made]
    assert len(made) == 4 and all(0.24 < share < 0.26 for share in shares)
    assert bands(frame_of([1, 1, 1, 1000]), 3) == (1000,) and bands(frame_of([5, 5, 5]), 3) == ()


def test_sizes_follow_neyman_and_reach_the_precision():
    even = frame_of([100] * 1000 + [900] * 1000)
    assert [band.size for band in plan(even, seed=1, size=400, bounds=(500,), spreads=(10, 30)).bands] == [100, 300]
    assert [band.size for band in plan(even, seed=1, size=400, bounds=(500,), spreads=(0, 30)).bands] == [30, 370]  # a band's least
    assert [band.size for band in plan(even, seed=1, size=1500, bounds=(500,), spreads=(1, 90)).bands] == [500, 1000]  # no more than it has
    # n = N²S² / (V + N S²) by hand: 1000² x 50² / ((8225/1.645)² + 1000 x 50²) = 2.5e9 / 2.75e7 = 90.9
    assert plan(frame_of([100] * 1000), seed=1, precision=8225, spreads=(50,)).size == 91
    # half of the claims wholly wrong: S = sqrt(100²/2 - 50²) = 50, the same again
    assert plan(frame_of([100] * 1000), seed=1, precision=8225).size == 91
    assert plan(frame_of([100] * 1000), seed=1, precision=1).size == 1000  # nothing less will do than all of it
    assert plan(frame_of([100] * 1000), seed=1, precision=8225, rate=Fraction(1, 20)).size < 91


def test_a_simple_sample_by_hand():
    """30 of 300; 10 overpaid by 3 yuan. Mean 100 fen, s² = 600000/29; error 300 x sqrt(0.9 x s²/30) = 7474; t29 = 1.6991 and 1.3114."""
    told = estimate(planned((0, None, 300, 300_000, 30)), reviewed((10, 0, 1000, 300), (20, 0, 1000, 0)))
    bound = told.difference
    assert (bound.point, bound.error, bound.lower, bound.upper, bound.recover) == (30_000, 7_474, 17_301, 42_699, 20_198)
    assert bound.freedom == 29 and (told.reviewed, told.wrong, told.found, told.recover) == (30, 10, 3_000, 20_198)


def test_a_ratio_by_hand():
    """15 of 10 yuan overpaid by 1, 15 of 30 yuan by 5: 0.15 of the bill; residuals ±50, s² = 75000/29; error 2642."""
    sample = reviewed((15, 0, 1000, 100), (15, 0, 3000, 500))
    told = estimate(planned((0, None, 300, 600_000, 30), estimator="ratio"), sample)
    assert (told.ratio.point, told.ratio.error, told.ratio.lower, told.recover) == (90_000, 2_642, 85_510, told.ratio.recover)
    assert (told.difference.point, told.difference.error) == (90_000, 10_570)
    assert estimate(planned((0, None, 300, 600_000, 30)), sample).recover == told.difference.recover < told.recover


def test_a_stratified_sample_by_hand():
    """N 100 and 50, 20 of each. Parts of the variance 1052631.6 and 19736842.1: error 4560; Satterthwaite 21.02; t21 = 1.3232."""
    told = estimate(
        planned((0, 500, 100, 20_000, 20), (500, None, 50, 60_000, 20)),
        reviewed((10, 0, 200, 100), (10, 0, 200, 0), (10, 1, 1200, 1000), (10, 1, 1200, 0)),
    ).difference
    assert (told.point, told.error, round(told.freedom, 2)) == (30_000, 4_560, 21.02)
    assert abs(told.recover - (30_000 - 1.3231 * 4_559.55)) < 3
    # A band taken whole is no guess: only the other one scatters.
    whole = estimate(
        planned((0, 500, 20, 4_000, 20), (500, None, 50, 60_000, 20)),
        reviewed((10, 0, 200, 100), (10, 0, 200, 0), (10, 1, 1200, 1000), (10, 1, 1200, 0)),
    ).difference
    assert (whole.point, whole.error, whole.freedom) == (26_000, 4_443, 19)


def test_a_frame_reviewed_whole_needs_no_interval():
    told = estimate(planned((0, None, 5, 5_000, 5)), reviewed((2, 0, 1000, 300), (3, 0, 1000, 0)))
    assert (told.difference.lower, told.difference.upper, told.recover, told.why_not) == (600, 600, 600, None)
    assert "无抽样误差" in method_text(planned((0, None, 5, 5_000, 5)), told, "zh")


@pytest.mark.parametrize(
    ("part", "units", "reason"),
    [
        ((0, None, 300, 300_000, 29), [(10, 0, 1000, 300), (19, 0, 1000, 0)], "fewer than 30"),
        ((0, None, 300, 300_000, 40), [(40, 0, 1000, 0)], "Nothing in the sample was overpaid"),
        ((0, None, 300, 300_000, 40), [(40, 0, 1000, 300)], "without scatter"),
    ],
)
def test_no_number_is_named_that_the_sample_cannot_carry(part, units, reason):
    told = estimate(planned(part), reviewed(*units))
    assert told.difference is None and reason in told.why_not["en"] and told.recover == told.found
    assert told.why_not["zh"] in method_text(planned(part), told, "zh")


def test_a_ratio_without_residuals_is_no_certainty():
    """Every unit wholly overpaid: the ratio scatters nowhere, the difference does."""
    units = reviewed((20, 0, 1000, 1000), (20, 0, 3000, 3000))
    assert estimate(planned((0, None, 300, 600_000, 40), estimator="ratio"), units).why_not
    told = estimate(planned((0, None, 300, 600_000, 40)), units)
    assert told.ratio is None and told.recover == told.difference.recover > told.found


def test_what_was_found_may_be_asked_back_whatever_the_bound():
    told = estimate(planned((0, None, 300, 3_000_000, 30)), reviewed((1, 0, 10_000, 9_000), (29, 0, 10_000, 0)))
    assert told.difference.recover == told.found == 9_000


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda rows: rows.head(29), "29 reviewed units, but 30 were drawn"),
        (lambda rows: rows.with_columns(overpaid=pl.lit(None, pl.Int64)), "30 units are not reviewed yet"),
        (lambda rows: rows.with_columns(overpaid=pl.col("amount") + 1), "overpaid by 10.01 yuan, but was billed 10.00"),
        (lambda rows: rows.with_columns(overpaid=pl.lit(-1)), "overpaid by -0.01 yuan"),
    ],
)
def test_a_review_that_does_not_fit_its_sample_is_refused(change, sentence):
    with pytest.raises(Refused, match=sentence) as told:
        estimate(planned((0, None, 300, 300_000, 30)), change(reviewed((30, 0, 1000, 300))))
    assert any("一" <= letter <= "龥" for letter in told.value.said["zh"]) and told.value.said["en"] == str(told.value)


@pytest.mark.parametrize(
    ("amounts", "wish", "sentence"),
    [
        ([], {"size": 1}, "empty"),
        ([5, -1], {"size": 1}, "0 or more"),
        ([5], {}, "either the size"),
        ([5], {"size": 0}, "1 or more"),
        ([5, 9], {"size": 1, "bounds": (9, 7)}, "must rise"),
        ([5, 9], {"size": 1, "bounds": (3,)}, "Band 1 holds no unit"),
        ([5, 9], {"size": 1, "bounds": (7,), "spreads": (1,)}, "2 bands"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(amounts, wish, sentence):
    with pytest.raises(Refused, match=sentence) as told:
        plan(
            pl.DataFrame({"id": [str(n) for n in range(len(amounts))], "amount": amounts}, schema={"id": pl.String, "amount": pl.Int64}),
            seed=1,
            **wish,
        )
    assert any("一" <= letter <= "龥" for letter in told.value.said["zh"]) and told.value.said["en"] == str(told.value)


def test_a_unit_twice_in_the_frame_is_refused():
    with pytest.raises(Refused, match="'a' stands in the frame more than once"):
        plan(pl.DataFrame({"id": ["a", "a"], "amount": [1, 2]}), seed=1, size=1)


@pytest.mark.parametrize(("frame", "count", "least"), [(EVEN, 1, 0.85), (SKEWED, 3, 0.85), (SKEWED, 1, 0.70)])
def test_the_bound_is_right_as_often_as_it_says(frame, count, least):
    """A third of the claims wholly or half wrong: of 80 draws the interval holds the truth in nine of ten (fewer where amounts are skewed
    and no bands are made: its upper end is too low), and the bound lies below the truth at least as often."""
    chance = random.Random(5)
    overpaid = [amount * chance.choice((0, 0, 0, 0, 1, 2)) // 2 for amount in frame["amount"]]
    truth, known = sum(overpaid), frame.with_columns(overpaid=pl.Series(overpaid))
    made = plan(frame, seed=0, size=100, bounds=bands(frame, count))
    held = below = 0
    for seed in range(80):
        drawn = draw(frame, replace(made, seed=seed)).join(known.select("id", "overpaid"), on="id")
        told = estimate(made, drawn).difference
        held += told.lower <= truth <= told.upper
        below += told.recover <= truth
    assert least <= held / 80 <= 0.97 and below / 80 >= 0.85, (held, below)


def test_the_method_is_printed_in_both_languages():
    made = plan(SKEWED, seed=42, size=120, bounds=bands(SKEWED, 3), unit="line", estimator="ratio")
    drawn = draw(SKEWED, made)
    told = estimate(made, drawn.with_columns(overpaid=pl.when(pl.col("turn") % 3 == 0).then("amount").otherwise(0)))
    chinese, english = (method_text(made, told, language) for language in ("zh", "en"))
    for text in (chinese, english):
        assert "42" in text and made.frame in text and f"{told.recover // 100:,}.{told.recover % 100:02d}" in text
        assert len(text.splitlines()) == 16
    assert "单侧90%置信下限" in chinese and "Ratio (counts)" in english and "900 lines" in english
    assert len(method_text(made, None, "en").splitlines()) == 11
