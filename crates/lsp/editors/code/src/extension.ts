// Starts `cutover lsp` and hands VS Code's questions to it. What an answer is, the program decides.

import { commands, ExtensionContext, window, workspace } from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand("cutover.restart", restart),
    workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("cutover.path")) {
        await restart();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function start(): Promise<void> {
  const command = workspace.getConfiguration("cutover").get<string>("path") || "cutover";
  const server: ServerOptions = { command, args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: ["file", "untitled"].map((scheme) => ({ language: "cutover", scheme })),
    synchronize: {
      // Inventories, catalogs and templates are read from disk: a new one changes what is true of a spec.
      fileEvents: workspace.createFileSystemWatcher("**/*.{cutover,yaml,yml,json,md,csv}"),
    },
  };
  const starting = new LanguageClient("cutover", "cutover", server, options);
  try {
    await starting.start();
    client = starting;
  } catch {
    const help = "Install the program, or say in the setting `cutover.path` where it is.";
    void window.showErrorMessage(`\`${command} lsp\` could not be started. ${help}`);
  }
}
