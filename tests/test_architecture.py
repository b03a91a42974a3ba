"""The law of the house: which room may import which, no cycles, open sets complete."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "facemon"

# What everybody may import; these import nothing above themselves.
GROUND = {
    "calls",
    "clock",
    "config",
    "encoded",
    "errors",
    "incident",
    "ledger",
    "model",
    "project",
    "prompts",
    "resources",
    "retry",
    "secret",
    "wire",
    "write_ahead",
}
# Room → the rooms it may import beside the ground. A new arrow is added here on purpose, with its reason.
ARROWS: dict[str, set[str]] = {
    "__init__": {
        "alerting",
        "batch",
        "client",
        "monitor",
        "monitoring",
        "slo",
    },  # the public names, imported when first used
    # Rules over what the store keeps; what they find is kept there, and told by channels.
    "alerting": {
        "scheduled",
        "slo",
        "store",
    },  # the summary of a run is what a report says until there are others
    "analysis": {"vision"},
    "batch": {"client", "monitor", "monitoring", "slo"},
    # Judges labelled pictures with the evaluators themselves, and states how sure their error is.
    "calibrating": {"evaluators", "scoring", "slo", "vision"},
    "cli": {
        "alerting",
        "calibrating",
        "judges",
        "evaluators",  # listed by `facemon evaluators`, with the models that stand behind them
        "batch",
        "client",
        "monitor",
        "monitoring",
        "promises",
        "planning",
        "release",
        "reports",
        "scheduled",
        "scoring",
        "simulator",
        "slo",
        "store",
        "vision",
        "__init__",
    },
    "client": {"provider_replies", "providers"},
    "evaluators": {"vision"},
    # Asks through a monitor, on a schedule; judges what it counted.
    "load": {"client", "monitor", "slo"},
    "monitor": {"client", "evaluators", "judges", "scoring", "store"},
    # Evaluators, their calibration and the descriptor, as the settings name them.
    "judges": {"calibrating", "evaluators", "scoring", "vision"},
    "monitoring": {
        "alerting",
        "client",
        "judges",
        "monitor",
        "store",
    },  # a health check that fails raises its alert
    # The plugin reads the records of all workers from the store, attaches curl lines that the client makes, draws what
    # vision saw on the pictures, judges sets of them, and says what each evaluator advises about its fault.
    "plugin": {
        "analysis",
        "client",
        "evaluators",
        "judges",
        "load",  # the load phase before the checks
        "monitor",
        "monitoring",
        "promises",
        "scheduled",  # the slot that a run came in
        "simulator",
        "slo",
        "store",
        "vision",
    },
    "promises": {"slo"},  # the objectives that a project's own file states
    "provider_replies": set(),
    "providers": {"provider_replies"},
    # A gate asks both sides with a monitor each, and keeps what they answer; a plan asks nobody.
    "planning": {"slo"},
    # … and compares how different the people are.
    "release": {"analysis", "client", "judges", "monitor", "slo", "store", "vision"},
    "reports": set(),
    "scheduled": {"reports", "slo", "store"},  # what a scheduled run does around its checks
    "scoring": {"evaluators", "vision"},
    "simulator": set(),
    "slo": set(),
    "store": set(),
    "vision": set(),
}
# An oracle that shares the client's code would share its bugs.
SIMULATOR_MAY = {"clock"}
OPEN_SETS = {
    "facemon.alerting.channels": "CHANNELS",
    "facemon.providers": "PROVIDERS",
    "facemon.evaluators": "EVALUATORS",
    "facemon.simulator.faults": "FAULTS",
    "facemon.reports.formats": "RECORD_FORMATS",
}


def modules() -> dict[str, Path]:
    """Dotted name → file."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imports(path: Path, *, late: bool = True, types: bool = True) -> Iterator[str]:
    """The facemon modules a file imports; late: also inside functions; types: also under TYPE_CHECKING."""
    tree = ast.parse(path.read_text("utf-8"))
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "facemon")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "facemon":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not late:
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not types:
            stack += node.orelse
            continue
        stack += ast.iter_child_nodes(node)


def room(module: str) -> str:
    """The room a module is in; the package itself is the room `__init__`."""
    return module.split(".")[1] if "." in module else "__init__"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_arrows_point_one_way(module: str) -> None:
    """A room imports the ground, itself, and what the table above allows; nothing else."""
    here = room(module)
    if here == "py":
        return
    for imported in imports(MODULES[module]):
        there = room(imported)
        if there == here:
            continue
        if here == "simulator":
            assert there in SIMULATOR_MAY, f"{module} imports {imported}"
        elif here in GROUND:
            assert there in GROUND, f"{module} is ground and imports {imported}"
        else:
            assert there in GROUND | ARROWS[here], f"{module} imports {imported}: not in the table of arrows"


def test_every_room_is_in_the_table() -> None:
    """A new room takes a place in the table, so that its arrows are a decision."""
    assert {room(module) for module in MODULES} <= GROUND | set(ARROWS)


def test_there_is_no_import_cycle() -> None:
    """Imports at the top of modules form no cycle."""
    edges = {
        module: {
            name for name in imports(path, late=False, types=False) if name in MODULES and name != module
        }
        for module, path in MODULES.items()
    }
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " → ".join((*trail, module))
        if module in done:
            return
        for imported in edges[module]:
            walk(imported, (*trail, module))
        done.add(module)

    for module in MODULES:
        walk(module, ())


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_are_absolute(module: str) -> None:
    """A module names where a thing comes from."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]


@pytest.mark.parametrize(("package", "table"), OPEN_SETS.items())
def test_an_open_set_is_one_file_a_member_and_one_table(package: str, table: str) -> None:
    """Every file of an open set but base.py is a member; every member is in the table and in the documentation."""
    members = getattr(importlib.import_module(package), table)
    folder = ROOT / package.replace(".", "/")
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "base"}
    homes = {member.__module__.rsplit(".", 1)[1] for member in members.values()}
    assert homes == files
    documents = "\n".join(
        path.read_text("utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    )
    for name in members:
        assert f"`{name}`" in documents, f"{name} of {package} is documented nowhere"


@pytest.mark.parametrize("path", sorted((ROOT / "checks").glob("*.py")), ids=lambda path: path.stem)
def test_checks_use_public_names_only(path: Path) -> None:
    """A check imports `facemon` itself and nothing from inside it."""
    public = importlib.import_module("facemon").__all__
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("facemon"):
            assert node.module == "facemon"
            assert {alias.name for alias in node.names} <= set(public)
        elif isinstance(node, ast.Import):
            assert not [alias for alias in node.names if alias.name.startswith("facemon")]


@pytest.mark.parametrize("path", sorted((ROOT / "checks").glob("*.py")), ids=lambda path: path.stem)
def test_every_check_says_what_it_promises(path: Path) -> None:
    """Each check, and each file of checks, has a docstring: it is the promise a person reads."""
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name.startswith("check_"):
            assert ast.get_docstring(node), node.name


def test_only_config_reads_the_environment() -> None:
    """Every other module is told what it needs."""
    for module, path in MODULES.items():
        if module == "facemon.config":
            continue
        text = path.read_text("utf-8")
        assert "os.environ" not in text, module
        assert "getenv" not in text, module
