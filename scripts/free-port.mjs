// Without an argument: prints a free port. With a port and an address: prints the error code and exits 1 when nothing can
// listen there.
import { createServer } from "node:net";

const [port = "0", host = "127.0.0.1"] = process.argv.slice(2);

function listen(address) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", (error) => resolve(error.code));
    server.listen(Number(port), address, () => {
      if (port === "0") console.log(server.address().port);
      server.close(() => resolve());
    });
  });
}

let error = await listen(host);
// Browsers ask localhost at ::1 first, and who listens only there would answer in our place.
if (!error && port !== "0" && host === "127.0.0.1" && (await listen("::1")) === "EADDRINUSE") error = "EADDRINUSE";
if (error) {
  console.log(error);
  process.exit(1);
}
