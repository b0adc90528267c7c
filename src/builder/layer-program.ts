/** The builder of layers: `node layer.cjs layer`, or `layers` for a batch. The program is a separate bundle, so that other builders may change. */
import { layer, layers, thread } from "./actions/layer.ts";
import { runAction } from "./run-action.ts";

void runAction({ layer, layers, thread });
