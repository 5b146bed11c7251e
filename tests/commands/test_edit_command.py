"""`insm edit` and `insm model` as people call them."""

import json
import subprocess
import sys

import pytest


@pytest.fixture
def insm_in(tmp_path):
    """Run the command in an empty folder -> exit code, standard output, standard error."""

    def run(*words):
        code = "import sys; from insm.cli import main; sys.argv = ['insm', *sys.argv[1:]]; main()"
        done = subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    return run


def test_the_first_command_edits_a_rendered_face(insm_in, tmp_path):
    code, out, err = insm_in("edit", "--set", "Smiling=1", "Blond_Hair=1")
    assert (code, err) == (0, "")
    assert "rendered by insm, no photograph" in out and "Smiling=0 (100%)" in out
    assert (tmp_path / "edited/example-edited.png").exists()


def test_a_photograph_is_edited_with_a_warning(insm_in, tmp_path):
    from PIL import Image
    from skimage.data import astronaut

    Image.fromarray(astronaut()).save(tmp_path / "me.png")
    code, out, err = insm_in("edit", "me.png", "--set", "Smiling=0", "--json", "--out", "there")
    assert code == 0 and err.startswith("warning: me.png: unlike the images")
    told = json.loads(out)
    assert told["outputs"] == ["there/me-edited.png"] and not told["rendered"]
    assert Image.open(tmp_path / "there/me-edited.png").size == (512, 512)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["edit"], "--set NAME=VALUE"),
        (["edit", "no.png", "--set", "Smiling=1"], "no.png"),
        (["edit", "--set", "Smiling=1", "--model", "nobody"], "no model 'nobody'"),
        (["edit", "--set", "Smiling=1", "--strength", "2"], "no strength"),
        (["model", "info", "nobody"], "no model 'nobody'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(insm_in, words, message):
    code, out, err = insm_in(*words)
    assert code == 2 and out == "" and len(err.splitlines()) == 1
    assert err.startswith("error: ") and message in err


def test_help_fits_a_screen(insm_in):
    code, out, _ = insm_in("edit", "--help")
    assert code == 0 and len(out.splitlines()) <= 60
