import { expect, test } from "vitest";
import { LICENSE_IDS } from "../../src/license/license.ts";
import { likelyIds } from "../../src/license/likely.ts";

test.each([
  [["apache2", "apache-2", "Apache License, Version 2.0", "asl20"], ["Apache-2.0"]],
  [
    ["gplv3", "GPL3", "gpl-3", "GNU GPL v3", "GPL ver. 3"],
    ["GPL-3.0-only", "GPL-3.0-or-later"],
  ],
  [["gpl3Plus", "GPLv3+", "GPL v3 or later"], ["GPL-3.0-or-later"]],
  [["lgpl21Only"], ["LGPL-2.1-only"]],
  [["bsd3", "BSD 3-clause"], ["BSD-3-Clause"]],
  [["mpl20", "Mozilla Public License 2.0"], ["MPL-2.0"]],
  [["", "v", "GPL", "BSD", "unfree", "my own"], []],
])("%j mean %j", (names, ids) => {
  for (const name of names) expect([name, likelyIds(name)]).toEqual([name, ids]);
});

test("each identifier is found without its marks", () => {
  for (const id of LICENSE_IDS) expect(likelyIds(id.toLowerCase().replaceAll("-", " "))).toContain(id);
});
