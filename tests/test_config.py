"""Configuration: who may say what, and errors that name file, line and fix."""

import os
from datetime import date
from pathlib import Path

import pytest

from pii_shield import config, paths, profiles
from pii_shield.errors import ConfigError
from pii_shield.settings import SETTINGS, Config, RuleFile, Server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home without an administrator's file; the project is the current folder."""
    monkeypatch.setattr(paths, "managed_config", lambda: tmp_path / "managed.toml")
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return tmp_path


def load(home: Path, **more: str) -> Config:
    environ = {"HOME": str(home), **{k: v for k, v in more.items() if k.isupper()}}
    return config.load(environ, **{k: v for k, v in more.items() if not k.isupper()})


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def user_file(home: Path, text: str) -> Path:
    return write(home / ".config" / "pii-shield" / "config.toml", text)


def test_without_any_file_the_defaults_hold(home: Path) -> None:
    assert load(home)._replace(tuning=()) == Config()


def test_the_users_file_decides(home: Path) -> None:
    user_file(
        home,
        '[policy]\nprofile = "open"\n[servers.crm]\ntrusted = true\n[servers."a b"]\nfingerprint = "0123"\n'
        '[blobs]\nimages = "pass"\n[detect]\ntypes = ["EMAIL"]\n[vault]\nscope = "work"\nretention_days = 1.5\n',
    )
    settings = load(home)
    assert settings.profile == "open"
    assert settings.servers == {"crm": Server(trusted=True), "a b": Server(fingerprint="0123")}
    assert (settings.images, settings.audio, settings.scope, settings.retention_days) == ("pass", "block", "work", 1.5)
    assert settings.types == {"EMAIL", "LITERAL", "OPAQUE"}


def test_a_detection_profile_brings_its_types_and_a_release_policy_at_least_as_strict(home: Path) -> None:
    user_file(home, '[detect]\nprofile = "hipaa"\n')
    settings = load(home)
    assert (settings.detect, settings.profile) == ("hipaa", "strict")
    assert settings.types == profiles.table()["hipaa"].types


def test_a_release_policy_that_is_named_outranks_what_the_detection_profile_asks_for(home: Path) -> None:
    user_file(home, '[policy]\nprofile = "open"\n[detect]\nprofile = "hipaa"\n')
    assert load(home).profile == "open"


@pytest.mark.parametrize("keys", ['profile = "code"\ntypes = ["IP"]', 'types = ["IP"]\nprofile = "code"'])
def test_listed_types_outrank_the_profile(home: Path, keys: str) -> None:
    user_file(home, f"[detect]\n{keys}\n")
    assert load(home).types == {"IP", "LITERAL", "OPAQUE"}


def test_a_project_s_detection_profile_only_adds_types(home: Path) -> None:
    user_file(home, '[detect]\nprofile = "strict"\n')
    write(Path(config.PROJECT_FILE), '[detect]\nprofile = "secrets-only"\ntypes = ["URL"]\n')
    settings = load(home)
    assert settings.types == profiles.table()["strict"].types | {"URL"}
    assert (settings.detect, settings.profile, settings.greedy) == ("strict", "strict", True)


def test_the_environment_s_detection_profile_only_adds_types(home: Path) -> None:
    user_file(home, '[policy]\nprofile = "open"\n')
    settings = load(home, PII_SHIELD_DETECT="strict")
    assert settings.types == profiles.table()["strict"].types
    assert (settings.profile, settings.greedy) == ("strict", True)
    assert load(home, PII_SHIELD_DETECT="secrets-only").types == Config().types
    with pytest.raises(ConfigError, match="PII_SHIELD_DETECT must be one of"):
        load(home, PII_SHIELD_DETECT="lax")


def test_a_server_can_be_observed_but_not_by_a_project(home: Path) -> None:
    text = '[servers.crm]\nmode = "observe"\nobserve_from = 2026-05-31\n'
    user_file(home, text)
    assert load(home).servers["crm"] == Server(mode="observe", observe_from=date(2026, 5, 31))
    write(Path(config.PROJECT_FILE), text)
    with pytest.raises(ConfigError, match="can only tighten"):
        load(home)


def test_exemptions_lie_beside_the_configuration_of_the_user_and_of_the_administrator(home: Path) -> None:
    environ = {"HOME": str(home)}
    assert config.tuning_files(environ, "/a/c.toml") == (Path("/a/tuning.toml"), home / "managed-tuning.toml")
    assert config.tuning_files({**environ, "PII_SHIELD_CONFIG": "/b/c.toml"})[0] == Path("/b/tuning.toml")
    assert config.tuning_files(environ)[0].parent == paths.user_config(environ).parent


def test_a_project_can_tighten(home: Path) -> None:
    write(Path(config.PROJECT_FILE), '[policy]\nprofile = "strict"\n[detect]\ntypes = ["IP"]\n')
    settings = load(home)
    assert settings.profile == "strict"
    assert settings.types == Config().types | {"IP"}


def test_a_project_cannot_loosen(home: Path) -> None:
    user_file(home, '[policy]\nprofile = "strict"\n[blobs]\nimages = "block"\n')
    write(Path(config.PROJECT_FILE), '[policy]\nprofile = "open"\n[blobs]\nimages = "pass"\n')
    settings = load(home)
    assert (settings.profile, settings.images) == ("strict", "block")


@pytest.mark.parametrize(
    "text", ["[servers.evil]\ntrusted = true\n", '[vault]\npath = "/x"\n', "[model]\ninstructions = false\n"]
)
def test_a_project_cannot_set_what_has_no_tighter_side(home: Path, text: str) -> None:
    write(Path(config.PROJECT_FILE), text)
    with pytest.raises(ConfigError, match="can only tighten"):
        load(home)


def test_the_environment_only_tightens(home: Path) -> None:
    user_file(home, '[policy]\nprofile = "balanced"\n')
    assert load(home, PII_SHIELD_PROFILE="strict").profile == "strict"
    assert load(home, PII_SHIELD_PROFILE="open").profile == "balanced"


def test_a_managed_file_outranks_everything(home: Path) -> None:
    user_file(home, '[policy]\nprofile = "open"\n[servers.crm]\ntrusted = true\n')
    write(home / "managed.toml", '[policy]\nprofile = "strict"\n[servers.crm]\ntrusted = false\n')
    settings = load(home)
    assert settings.profile == "strict"
    assert settings.servers["crm"].trusted is False


def test_flags_name_scope_and_vault(home: Path) -> None:
    settings = load(home, scope="client-a", vault=str(home / "v.db"))
    assert (settings.scope, settings.vault) == ("client-a", home / "v.db")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[policy]\n\nprofil = "open"\n', 3, "unknown key"),
        ('[policy]\nprofile = "lax"\n', 2, "must be one of open, balanced, strict"),
        ("[polciy]\nx = 1\n", 1, "unknown key"),
        ("[servers.crm]\ntrusted = 1\n", 2, "must be true or false"),
        ("[servers.crm]\ntrust = true\n", 2, "unknown key"),
        ("[tokens]\nlength = 5\n", 2, "must be a number from 6 to 16"),
        ('x = 1\n[detect]\ntypes = ["EMIAL"]\n', 1, "unknown key"),
        ('[detect]\ntypes = ["EMIAL"]\n', 2, "unknown entity type"),
        ('[detect]\nprofile = "lax"\n', 2, "must be one of default, strict"),
        ('[servers.crm]\nmode = "off"\n', 2, "must be one of protect, observe"),
        ('[servers.crm]\nobserve_from = "2026-05-31"\n', 2, "without quotes"),
    ],
)
def test_mistakes_are_named_with_file_and_line(home: Path, text: str, line: int, said: str) -> None:
    path = user_file(home, text)
    with pytest.raises(ConfigError) as caught:
        load(home)
    assert f"{path}, line {line}: " in str(caught.value)
    assert said in str(caught.value)
    assert caught.value.exit_code == 3
    assert caught.value.fix


def test_broken_toml_is_named_with_its_line(home: Path) -> None:
    user_file(home, "[policy\n")
    with pytest.raises(ConfigError, match="line 1"):
        load(home)


def test_a_named_file_must_exist(home: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load(home, file=str(home / "none.toml"))


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused(home: Path, mode: int) -> None:
    path = write(home / "c.toml", "")
    path.chmod(mode)
    with pytest.raises(ConfigError, match="somebody else"):
        load(home, file=str(path))


def test_every_setting_is_a_field_with_a_default() -> None:
    assert {setting.field for setting in SETTINGS.values()} <= set(Config._fields)


RULES = '[detect]\nrules = ["mine.toml"]\n'


def test_rule_files_are_looked_for_beside_the_file_that_names_them(home: Path) -> None:
    folder = user_file(home, RULES).parent
    with pytest.raises(ConfigError, match=r"config\.toml, line 2: detect\.rules: there is no file .*mine\.toml"):
        load(home)
    write(folder / "mine.toml", "")
    assert load(home).rules == (RuleFile(folder / "mine.toml"),)


def test_a_projects_rules_are_only_added(home: Path) -> None:
    folder = user_file(home, RULES).parent
    write(folder / "mine.toml", "")
    write(Path(config.PROJECT_FILE), RULES)
    write(Path("mine.toml"), "")
    assert load(home).rules == (RuleFile(folder / "mine.toml"), RuleFile(Path("mine.toml").absolute(), is_added=True))


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_rule_file_that_others_may_write_is_refused(home: Path) -> None:
    write(user_file(home, RULES).with_name("mine.toml"), "").chmod(0o622)
    with pytest.raises(ConfigError, match=r"mine\.toml could have been written by somebody else"):
        load(home)


def test_presidio_is_chosen_in_a_table_of_its_own(home: Path) -> None:
    text = (
        '[detect.presidio]\nnlp = "spacy"\nmodel = "models/tiny"\ncountries = ["de", "us"]\nregistries = ["a.yaml"]\n'
        '[detect.presidio.deny]\nORGANIZATION = ["Acme"]\n'
    )
    folder = user_file(home, text).parent
    wanted = load(home).presidio
    assert wanted is not None
    assert (wanted.nlp, wanted.model) == ("spacy", str(folder / "models/tiny"))
    assert (wanted.countries, wanted.deny) == (("de", "us"), {"ORGANIZATION": ["Acme"]})
    assert wanted.registries == (str(folder / "a.yaml"),)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("nlp = 3", "nlp must be one of spacy, transformers, stanza"),
        ('nlp = "guess"', "nlp must be one of spacy, transformers, stanza"),
        ("modell = 3", "has no key 'modell'; known are nlp, model"),
        ('model = "x"', "a model needs nlp"),
        ("countries = 3", "countries must be a list of texts"),
        ("deny = { ORG = 3 }", "deny must be a table of lists"),
        ("threshold = 2", "threshold must be a number from 0 to 1"),
        ("threshold = true", "threshold must be a number from 0 to 1"),
        ('language = "english"', "language must be two letters"),
    ],
)
def test_a_wrong_choice_of_presidio_is_named(home: Path, line: str, complaint: str) -> None:
    user_file(home, f"[detect.presidio]\n{line}\n")
    with pytest.raises(ConfigError, match=complaint):
        load(home)


def test_a_model_without_a_slash_is_a_package(home: Path) -> None:
    user_file(home, '[detect.presidio]\nnlp = "spacy"\nmodel = "en_core_web_sm"\n')
    wanted = load(home).presidio
    assert wanted is not None and wanted.model == "en_core_web_sm"


def test_a_project_cannot_choose_presidio(home: Path) -> None:
    write(Path(config.PROJECT_FILE), '[detect.presidio]\nmodules = ["evil.py"]\n')
    with pytest.raises(ConfigError, match="can only tighten"):
        load(home)


def test_the_organisation_is_said_by_people_and_never_by_a_project(home: Path) -> None:
    user_file(home, '[organisation]\ncontroller = "Acme"\npurposes = ["support", "claims"]\n')
    write(home / "managed.toml", '[organisation]\ncontact = "privacy@acme.example"\n')
    said = load(home).organisation
    assert (said.controller, said.contact, said.purposes) == ("Acme", "privacy@acme.example", ("support", "claims"))
    write(home / "project" / ".pii-shield.toml", '[organisation]\ncontroller = "Eve"\n')
    with pytest.raises(ConfigError, match=r"only tighten|unknown key"):
        load(home)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('organisation = "Acme"', "must be a table"),
        ('[organisation]\nname = "Acme"', "line 2: organisation.name: unknown key"),
        ('[organisation]\npurposes = "support"', "list of texts"),
        ('[organisation]\ncontroller = ""', "must be a text"),
    ],
)
def test_a_wrong_organisation_is_refused_with_its_line(home: Path, text: str, match: str) -> None:
    user_file(home, text)
    with pytest.raises(ConfigError, match=match):
        load(home)
