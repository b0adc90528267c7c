/** The builder of layers: `node layer.cjs layer`. The program is a separate bundle, so that other builders may change. */
import { layer } from "./actions/layer.ts";
import { runAction } from "./run-action.ts";

void runAction({ layer });
