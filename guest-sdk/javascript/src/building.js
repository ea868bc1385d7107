// What is run while a component is built with a definition inside: one that cannot be imported is not built.

import { imported } from "./component.js";
import { told } from "./told.js";

export { groupHooks, lifecycle, serviceHooks } from "./component.js";

// What the host looks for in what the engine makes of an error.
const MARK = "\u0001";

if ("error" in imported) {
  throw new Error(MARK + told(imported.error) + MARK);
}
