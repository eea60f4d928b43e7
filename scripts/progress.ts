import ora from "ora";

/** Progress on standard error: a spinner on a terminal, one line per step elsewhere. */
export interface Progress {
  /** Runs one step under its title; `update` says how far it is. */
  step<T>(title: string, work: (update: (detail: string) => void) => Promise<T>): Promise<T>;
  /** A line that stays. */
  note(text: string): void;
}

export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return {
    async step(title, work) {
      const started = performance.now();
      const spinner = ora({ text: title, stream, discardStdin: false }).start();
      const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
      let last = "";
      try {
        const value = await work((detail) => {
          last = detail;
          spinner.text = `${title}: ${detail} (${seconds()})`;
        });
        spinner.succeed(`${title}${last ? `: ${last}` : ""} (${seconds()})`);
        return value;
      } catch (error) {
        spinner.fail(`${title}${last ? `: ${last}` : ""} (${seconds()})`);
        throw error;
      }
    },
    note(text) {
      stream.write(`  ${text}\n`);
    },
  };
}
