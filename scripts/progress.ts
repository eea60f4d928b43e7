import ora from "ora";

/** Progress on standard error: a spinner on a terminal, plain lines elsewhere. */
export interface Progress {
  /** Runs one step under its title; `update` says how far it is. */
  step<T>(title: string, work: (update: (detail: string) => void) => Promise<T>): Promise<T>;
  /** A line that stays. */
  note(text: string): void;
}

/** How often a step says how far it is where there is no terminal to redraw. */
const LINE_EVERY_MS = 10_000;

export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return {
    async step(title, work) {
      const started = performance.now();
      const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
      // A terminal of no width (a recorder, a bare pty) cannot be redrawn: ora would clear lines for ever.
      const display =
        stream.isTTY && stream.columns > 0 ? spinner(title, stream) : lines(title, stream);
      let last = "";
      const told = () => `${title}${last ? `: ${last}` : ""} (${seconds()})`;
      try {
        const value = await work((detail) => {
          last = detail;
          display.update(told());
        });
        display.end("✔", told());
        return value;
      } catch (error) {
        display.end("✖", told());
        throw error;
      }
    },
    note(text) {
      stream.write(`  ${text}\n`);
    },
  };
}

interface Display {
  update(text: string): void;
  end(mark: "✔" | "✖", text: string): void;
}

function spinner(title: string, stream: NodeJS.WriteStream): Display {
  const shown = ora({ text: title, stream, discardStdin: false }).start();
  return {
    update(text) {
      shown.text = text;
    },
    end(mark, text) {
      if (mark === "✔") shown.succeed(text);
      else shown.fail(text);
    },
  };
}

function lines(title: string, stream: NodeJS.WriteStream): Display {
  stream.write(`- ${title}\n`);
  let next = performance.now() + LINE_EVERY_MS;
  return {
    update(text) {
      if (performance.now() < next) return;
      next = performance.now() + LINE_EVERY_MS;
      stream.write(`  ${text}\n`);
    },
    end(mark, text) {
      stream.write(`${mark} ${text}\n`);
    },
  };
}
