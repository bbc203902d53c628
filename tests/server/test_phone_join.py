"""The modules of the staff app in one file: what it does, and what it refuses."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from nyckelfri.server.phoneapp import files
from nyckelfri.server.phoneapp.join import join

ALL_FORMS: Final = {
    "main.js": """\
/**
 * Begins, as app/main.js does **. @typedef {import('./room/one.js').One} Some
 */
import { One, one } from './room/one.js';
import * as two from './room/two.js';
import {
  late,
  three,
  shared,
} from './index.js';

const later = await late();
//`odd
const shown = /** @type {Some} */ (new One());
console.log(one(), shared, three, later, shown.name, Object.keys(two).sort().join());
""",
    "index.js": """\
console.log('index begins');
export { late, three } from './room/three.js';
export * as whole from './room/three.js';
export { shared } from './room/two.js';
""",
    "room/one.js": """\
import { shared } from './two.js';
console.log('one begins', shared);
const hidden = 'one';
export function one() {
  /* what stands alone goes */
  return hidden + shared; /* and `what does not` stays: import, export */
}
export class One {
  name = hidden;
}
""",
    "room/two.js": """\
console.log('two begins');
const hidden = 'two';
export const shared = ` import ${hidden}`;
export const two = () => hidden;
""",
    "room/three.js": """\
export const three =
  3;
export async function late() {
  return `later than ${three}`;
}
""",
}


def runs(script: Path) -> str:
    node = shutil.which("node")
    assert node, "node is missing: run ./setup.sh tests"
    done = subprocess.run([node, script], capture_output=True, check=True, text=True)
    return done.stdout


def test_joined_modules_do_what_they_do_apart(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "room").mkdir()
    for path, text in ALL_FORMS.items():
        (tmp_path / path).write_text(text)
    joined = tmp_path / "joined.js"
    joined.write_text(join(ALL_FORMS, "main.js"))
    apart = runs(tmp_path / "main.js")
    assert apart.splitlines()[0] == "two begins"
    assert runs(joined) == apart


@pytest.mark.parametrize(
    "line",
    [
        "import './other.js';",
        "import other from './other.js';",
        "import { a as b } from './other.js';",
        'import { a } from "./other.js";',
        "import { a } from 'other';",
        "import { a } from 'https://example.org/other.js';",
        "import { a } from './other.js'; // why",
        "export * from './other.js';",
        "export { a };",
        "export default 1;",
        "export let a = 1;",
        "export const { a } = { a: 1 };",
        "export function* a() {}",
        "const a = await import('./other.js');",
        "const a = import.meta.url;",
        "const a = `\n// no comment\n`;",
    ],
)
def test_a_form_that_is_not_known_is_refused(line: str) -> None:
    modules = {"a.js": f"const before = 1;\n{line}\n", "other.js": "export const a = 1;\n"}
    with pytest.raises(ValueError, match=re.escape("a.js: write it as the other modules do")):
        join(modules, "a.js")


def test_a_circle_is_refused_and_so_is_a_module_that_is_not_there() -> None:
    modules = {
        "a.js": "import { b } from './in/b.js';\n",
        "in/b.js": "import { c } from '../c.js';\nexport const b = c;\n",
    }
    with pytest.raises(ValueError, match=re.escape("a.js > in/b.js > c.js: there is no such")):
        join(modules, "a.js")
    modules["c.js"] = "import { b } from './in/b.js';\nexport const c = b;\n"
    with pytest.raises(ValueError, match=re.escape("in/b.js > c.js > in/b.js: a circle")):
        join(modules, "a.js")


def without_comments(text: str) -> Iterator[str]:
    """Its lines, but for those that are a comment from end to end."""
    inside = False
    for line in text.splitlines():
        bare = line.strip()
        if inside:
            inside = "*/" not in bare
        elif bare.startswith("/*") and "*/" not in bare:
            inside = True
        elif not bare.startswith("//") and not (bare.startswith("/*") and bare.endswith("*/")):
            yield line


def test_what_runs_is_what_was_written() -> None:
    """But for imports, which may take several lines, the word `export`, and comments."""
    joined = files.app().files[files.SCRIPT].content.decode()
    parts = re.split(r"^// (\S+\.js)\n", joined, flags=re.MULTILINE)
    served = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert {"base/bytes.js", "texts/sv.js", "screens/day.js", "app/main.js"} <= set(served)
    for path, text in served.items():
        if not (files.ROOT / path).exists():
            continue  # the server's own: reasons
        written = "\n".join(without_comments((files.ROOT / path).read_text()))
        imports = re.compile(r"^(import|export) [^;'`]* from '[^']*';\n?", re.MULTILINE)
        assert re.sub(r"(?m)^export ", "", imports.sub("", written)) in text, path
