// Without an argument: prints a free port. With one: exits 1 when that port of 127.0.0.1 is taken.
import { createServer } from "node:net";

const [port = "0", host = "127.0.0.1"] = process.argv.slice(2);
const server = createServer();
server.on("error", () => process.exit(1));
server.listen(Number(port), host, () => {
  if (port === "0") console.log(server.address().port);
  server.close();
});
