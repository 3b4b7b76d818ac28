"""The command line as a user meets it: what it prints, what it writes, and how it says no."""

import json
import sys
from math import exp

import pytest

import tightrope
from validation.ledger import Store
from validation.report import read_ledger

CHEAP = "qsparse_local_sgd/remark-*"


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    """Runs the front door in an empty folder; returns exit status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["tightrope", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            tightrope.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


def test_verify_prints_a_table_and_writes_the_documented_form(cli, tmp_path):
    status, out, _ = cli("verify", CHEAP, "--json", "out/ledger.json")
    assert status == 0
    assert "remark-2" in out
    assert "remark-8" in out
    ledger = read_ledger(tmp_path / "out/ledger.json")
    assert {"version", "effort", "seed", "claims", "timing"} == set(ledger)
    for row in ledger["claims"]:
        assert set(row) >= {
            "id", "kind", "where", "statement", "latex", "hypotheses", "verdict", "flags", "readings", "checks", "worst_ratio",
            "resolution", "correction", "improvement", "witness",
        }  # fmt: skip
        assert all(set(check) == {"name", "outcome", "evidence"} for check in row["checks"])


def test_the_same_seed_gives_the_same_ledger_but_for_timing(cli, tmp_path):
    for name in ("one", "two"):
        cli("verify", CHEAP, "qsparse_local_sgd/lemma-3", "--no-cache", "--seed", 3, "--json", f"{name}.json")
    one, two = (read_ledger(tmp_path / f"{name}.json") for name in ("one", "two"))
    for ledger in (one, two):
        ledger.pop("timing")
    assert json.dumps(one) == json.dumps(two)


def test_a_rerun_recalls_what_was_judged(cli, monkeypatch):
    cli("verify", "remark-2")
    monkeypatch.setattr("validation.verdict.judge", lambda *_: pytest.fail("judged again"))
    status, out, _ = cli("verify", "remark-2")
    assert (status, "proved" in out) == (0, True)


def test_a_counterexample_is_saved_and_replays(cli, tmp_path):
    status, out, _ = cli("verify", "sec-2.2/quantiser", "qsparse_local_sgd/theorem-2", "--json", "ledger.json")
    assert status == 0
    rows = {row["id"]: row for row in read_ledger(tmp_path / "ledger.json")["claims"]}
    assert rows["qsparse_local_sgd/theorem-2"]["verdict"] == "amended"
    for row in rows.values():
        status, out, _ = cli("replay", row["witness"])
        assert status == 0
        assert "the statement is violated by this instance" in out
        assert "VIOLATED" not in out  # no hypothesis is


def test_a_certificate_is_saved_and_checks_again(cli, tmp_path):
    status, out, _ = cli("verify", "qsparse_local_sgd/remark-2")
    assert (status, "certificates of 1 claims saved" in out) == (0, True)
    path = tmp_path / "out/certificates/qsparse_local_sgd/remark-2.json"
    status, out, _ = cli("replay", path)
    assert (status, "identities hold" in out) == (0, True)
    path.write_text(path.read_text().replace('"multiplier": "', '"multiplier": "2*'))
    status, _, err = cli("replay", path)
    assert (status, "proves nothing" in err) == (2, True)


def test_diff_lists_what_changed_and_nothing_else(cli, tmp_path):
    cli("verify", "remark-2", "remark-3", "--json", "old.json")
    changed = read_ledger(tmp_path / "old.json")
    changed["claims"][0]["verdict"] = "refuted"
    (tmp_path / "new.json").write_text(json.dumps(changed))
    status, out, _ = cli("diff", "old.json", "new.json")
    assert (status, out.splitlines()) == (0, ["qsparse_local_sgd/remark-2: proved -> refuted", "1 verdicts changed"])
    assert cli("diff", "old.json", "old.json")[1].splitlines() == ["0 verdicts changed"]


def test_show_tells_one_claim_whole(cli):
    status, out, _ = cli("show", "qsparse_local_sgd/theorem-2")
    assert status == 0
    for part in (
        "verdict   amended",
        "printed",
        "LaTeX",
        "given",
        "derivation",
        "units",
        "attack",
        "corrected",
        "witness",
        "tightrope replay",
        "letters",
    ):
        assert part in out


def test_show_writes_what_is_coded_in_the_letters_of_the_paper(cli):
    assert r"LaTeX  {\mathbb{E}\|m_t^{(r)}\|^2} \leq \frac{4 G^{2} \eta^{2} H^{2}" in cli("show", "qsparse_local_sgd/lemma-5")[1]
    assert r"4 \left( F(x_0) - F_* \right)" in cli("show", "dist_ef_sgd/theorem-1")[1]
    assert r"\mathrm{local\ progress\ sq}(t) \leq \eta_{t_0}^{2} H^{2}" in cli("show", "local_sgd/eq-32")[1]


def test_bound_evaluates_and_names_violated_hypotheses(cli):
    status, out, _ = cli("bound", "qsparse_local_sgd/lemma-5", "gamma=0.5", "eta=1", "H=2", "G=1")
    assert status == 0
    assert "<= 48" in out  # 4 (1 - 1/4) / (1/4) * 4
    assert "violated" not in out
    _, out, _ = cli("bound", "qsparse_local_sgd/lemma-5", "gamma=1.5", "eta=1", "H=2", "G=1")
    assert "violated: E ||x - C(x)||^2" in out


def test_bound_takes_a_letter_as_show_prints_it_before_any_other_of_that_name(cli):
    given = ("dist_ef_sgd/lemma-6", "gamma=1/2", "G=1")
    said = [cli("bound", *given, f"beta={value}") for value in ("0", "1/2")]
    assert [status for status, *_ in said] == [0, 0]
    assert said[0][1] != said[1][1]
    status, _, err = cli("bound", *given, "beta=0", "momentum=1/2")
    assert (status, "beta is given twice, 0 and 1/2" in err) == (2, True)


def test_bound_computes_the_letters_that_others_determine(cli):
    numbers = ("L=1", "eta=1/100", "gap=2", "initial_gap=1", "rounds=9", "sigma=1", "zeta=1", "drift_share=1/2", "descent_share=1/2", "d=2")
    status, out, _ = cli("bound", "qprsgd/theorem-1", *numbers, "workers=2", "intervals=1")
    assert status == 0
    C_1 = exp(1 / 2) / 2 + ((1 + 1 / 4) ** 1 - 1) * 2 - 1  # a = d / (4 s^2) = 1/2
    _, again, _ = cli("bound", "qprsgd/theorem-1", *numbers, "workers=2", "intervals=1", f"ring_constant={C_1}")
    assert float(again.splitlines()[0].split("<=")[1]) == pytest.approx(float(out.splitlines()[0].split("<=")[1]), rel=1e-9)
    _, _, err = cli("bound", "qprsgd/theorem-1", *numbers, "workers=2")
    assert "or give d, intervals, workers" in err


def test_bound_judges_hypotheses_on_schedules_at_a_constant_step(cli):
    numbers = ("L=1", "G=1", "gamma=1/2", "horizon=3", "initial_gap=1", "sigma=1", "workers=1")
    for step, violated in (("1", False), ("2", True)):  # eta_t < 3 / (2 L)
        status, out, _ = cli("bound", "dist_ef_sgd/theorem-1", *numbers, f"eta_t={step}")
        assert (status, "violated" in out) == (0, violated)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verify", "no-such-claim"], "no claim matches 'no-such-claim'"),
        (["verify", "--paper", "nobody"], "paper must be one of"),
        (["verify", "remark-2", "--effort", "huge"], "effort must be one of quick, normal, thorough, got 'huge'"),
        (["verify", "remark-2", "--json", "file/in/ledger.json"], "cannot write into the folder"),
        (["verify", "remark-2", "--json", "."], "cannot write the file .: it is a folder"),
        (["verify", "remark-2", "--witnesses", "file"], "cannot write into the folder file"),
        (["verify", "remark-2", "--seed", "-1"], "Invalid value for '--seed'"),
        (["verify", "remark-2", "--seed", "many"], "Invalid value for '--seed'"),
        (["verify", "remark-2", "--effort"], "--effort"),
        (["verify", "remark-2", "--no-such-option"], "--no-such-option"),
        (["no-such-command"], "no-such-command"),
        (["show"], "ID"),
        (["show", "lemma-*"], "matches"),
        (["bound", "qsparse_local_sgd/lemma-5", "gamma=0.5"], "needs a value for"),
        (["bound", "qsparse_local_sgd/lemma-5", "gamma=much", "eta=1", "H=2", "G=1"], "gamma must be a finite number"),
        (["bound", "qsparse_local_sgd/lemma-5", "gamma=nan", "eta=1", "H=2", "G=1"], "gamma must be a finite number"),
        (["bound", "qsparse_local_sgd/lemma-5", "H=0", "gamma=0.5", "eta=1", "G=1"], "H must be positive, got 0"),
        (["bound", "qsparse_local_sgd/lemma-5", "H=1.5", "gamma=0.5", "eta=1", "G=1"], "H must be integer, got 1.5"),
        (["bound", "qsparse_local_sgd/lemma-5", "q=1"], "no letter is named 'q'"),
        (["replay", "missing.json"], "missing.json"),
        (["replay", "file"], "file"),
        (["diff", "file", "file"], "not a ledger"),
        (["bench", "nothing"], "benchmark must be one of"),
        (["bench", "engine", "--json", "file/bench.json"], "cannot write into the folder"),
        (["figures", "9.9"], "figure must be one of 5.2"),
        (["tightness", "mdsgd/theorem-10", "--figure", "out"], "no panel is about mdsgd/theorem-10"),
        (["figures", "5.2", "--seeds", "0"], "Invalid value for '--seeds'"),
        (["figures", "5.2", "--out", "file"], "cannot write into the folder file"),
        (["figures", "5.2", "--data", "missing"], "train-images-idx3-ubyte (or train-images-idx3-ubyte.gz) is missing"),
    ],
)
def test_bad_input_gets_one_line_and_status_2(cli, tmp_path, words, said):
    (tmp_path / "file").write_text("not json")
    status, out, err = cli(*words)
    assert status == 2
    assert out == ""
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_nothing_is_written_when_the_input_is_bad(cli, tmp_path):
    cli("verify", "no-such-claim", "--json", "ledger.json")
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_program_is_no_bad_input(cli, monkeypatch):
    monkeypatch.setattr("validation.verdict.judge", lambda *_: 1 / 0)
    monkeypatch.setattr(sys, "argv", ["tightrope", "verify", "remark-2", "--no-cache"])
    with pytest.raises(RuntimeError, match="while judging"):  # a traceback, and status 1
        tightrope.main()


def test_an_interrupted_run_keeps_what_it_finished(cli, monkeypatch):
    real, done = Store.keep, []

    def keep_then_stop(self, verdict):
        real(self, verdict)
        done.append(verdict.claim.id)
        if len(done) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Store, "keep", keep_then_stop)
        status, _, err = cli("verify", "remark-2", "remark-3", "remark-4")
    assert (status, "what was finished is kept" in err) == (130, True)
    judged = []
    monkeypatch.setattr(
        Store, "keep", lambda self, verdict: judged.append(verdict.claim.id) if verdict.claim.id not in self._kept else None
    )
    cli("verify", "remark-2", "remark-3", "remark-4")
    assert not set(done) & set(judged)
