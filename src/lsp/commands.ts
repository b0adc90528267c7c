/** Runs the commands of code lenses and code actions: `imgc build` and `imgc run` of one image, and lookups of newer pins. */
import { dirname } from "node:path";
import {
  CodeLensRefreshRequest,
  MessageType,
  ShowMessageNotification,
  type Connection,
} from "vscode-languageserver/node";
import { COMMANDS, type CommandName } from "./code-lenses.ts";
import { pathOf } from "./convert.ts";
import { CHECK_PINS } from "./pin-checks.ts";
import { messageOf } from "../util/errors.ts";

/** Runs `imgc` in a folder, and passes on each line that it prints. Resolves to the exit code. */
export type RunImgc = (args: string[], folder: string, onLine: (line: string) => void) => Promise<number>;

export class Commands {
  /** Whether the editor can be told to ask for code lenses again. */
  refreshesLenses = false;
  readonly #connection: Connection;
  readonly #runImgc: RunImgc;

  /** `checkPins` looks for newer pins of a file. */
  constructor(connection: Connection, runImgc: RunImgc, checkPins: (path: string) => Promise<void>) {
    this.#connection = connection;
    this.#runImgc = runImgc;
    connection.onExecuteCommand(({ command, arguments: given = [] }) => {
      const name = (Object.keys(COMMANDS) as CommandName[]).find((each) => COMMANDS[each] === command);
      const [uri, image] = given as unknown[];
      const onError = (error: unknown) => connection.console.error(messageOf(error));
      if (command === CHECK_PINS.command && typeof uri === "string") checkPins(pathOf(uri)).catch(onError);
      if (name !== undefined && typeof uri === "string" && typeof image === "string")
        this.#run(name, pathOf(uri), image).catch(onError);
      return null;
    });
  }

  /** Shows the output in the editor's log while the command runs, and its end as a message. */
  async #run(name: CommandName, path: string, image: string): Promise<void> {
    const { window, console } = this.#connection;
    const progress = await window.createWorkDoneProgress();
    const title = `imgc ${name} ${image}`;
    progress.begin(title);
    let last = "";
    const exitCode = await this.#runImgc([name, path, "--image", image], dirname(path), (line) => {
      if (line.trim() === "") return;
      last = line.trim();
      console.log(line);
      progress.report(last);
    });
    progress.done();
    const isOk = exitCode === 0;
    // The requests that show messages fail in editors that only know notifications.
    await this.#connection.sendNotification(ShowMessageNotification.type, {
      type: isOk ? MessageType.Info : MessageType.Error,
      message: isOk ? `${title}: ${last}` : `${title} ended with exit code ${exitCode}: ${last}`,
    });
    if (this.refreshesLenses) await this.#connection.sendRequest(CodeLensRefreshRequest.type);
  }
}
