"""A machine in a folder: every path comes from an explicit environment, nothing from the real home."""

from collections.abc import Sequence
from pathlib import Path

from pii_shield.client.installers import files, survey
from pii_shield.client.installers.entries import Entry
from pii_shield.client.installers.journal import Journal
from pii_shield.client.installers.places import Machine
from pii_shield.client.installers.plan import Plan
from pii_shield.client.installers.survey import Seen, Selection
from pii_shield.client.installers.table import BY_NAME

LAUNCHER = ("/opt/shield/bin/pii-shield",)
MODULE_LAUNCHER = ("/opt/py/bin/python3.12", "-P", "-m", "pii_shield")
EVERYTHING = Selection()


class Home:
    """A home folder with a project in it."""

    def __init__(self, folder: Path, platform: str = "linux") -> None:
        self.folder = folder
        self.project = folder / "work"
        self.project.mkdir()
        self.machine = Machine({"HOME": str(folder)}, platform, self.project)
        program = folder / "opt" / "pii-shield"  # only there, never run
        program.parent.mkdir()
        program.touch()
        self.launcher = (str(program),)
        self.journal = Journal(folder / "state")

    def write(self, path: str, content: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def look(self, selection: Selection = EVERYTHING) -> list[Seen]:
        return survey.look(self.machine, selection)

    def entries(self, selection: Selection = EVERYTHING) -> list[Entry]:
        return [entry for seen in self.look(selection) for entry in seen.entries]

    def install(self, selection: Selection = EVERYTHING, launcher: Sequence[str] = (), scope: str = "") -> list[Plan]:
        plans = [survey.to_install(seen, selection, launcher or self.launcher, scope) for seen in self.look(selection)]
        made = [plan for plan in plans if plan]
        for plan in made:
            self.journal.record(plan, "2026-01-01T00:00:00+00:00")
            files.replace(plan.place.path, plan.before, plan.after)
        return made

    def uninstall(self, selection: Selection = EVERYTHING) -> list[Plan]:
        seen = survey.look_back(self.machine, selection, self.journal)
        made = [plan for one in seen if (plan := survey.to_uninstall(one, selection, self.journal))]
        for plan in made:
            files.replace(plan.place.path, plan.before, plan.after)
            if not survey.is_wrapped(plan.place, plan.after):
                self.journal.forget(plan.place.path)
        return made


def only(client: str, **more: object) -> Selection:
    return Selection((BY_NAME[client],), **more)  # type: ignore[arg-type]
