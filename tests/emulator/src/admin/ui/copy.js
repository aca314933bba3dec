// A logged request as a program that makes it again. The signature is not known here: each program makes one of its own.

const json = (request) => {
  try {
    return JSON.stringify(JSON.parse(request.body));
  } catch {
    return request.body;
  }
};
const path = (request) => request.path.replace(/^\//, "");
// A JSON text is a literal of C, Go and Python alike, but for what lies beyond the first plane of Unicode.
const quoted = (text) => JSON.stringify(text).replace(/\\u([0-9a-f]{4})/gi, (_, digits) => `\\u${digits}`);
// In C, a `?` after another could begin a trigraph, and the escapes of control characters are octal.
const quotedC = (text) => JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/gi, (_, digits) => "\\" + parseInt(digits, 16).toString(8).padStart(3, "0")).replaceAll("??", '?""?');
const shell = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

function curl(request, at) {
  const query = Object.entries(request.query).filter(([name]) => name !== "usersig_sha256");
  const target = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
  const url = `${at.url}${request.path}?${target}&usersig=`;
  return `curl --data-binary ${shell(request.body)} ${shell(url)}"$USERSIG"  # tencent-chat sign makes a signature\n`;
}

function c(request, at) {
  const text = json(request);
  return `/* config: chat_config_set_base_url(config, ${quotedC(at.tls_url)}), chat_config_set_ca_file(config, ${quotedC(at.ca_file)}) */
const char *json = ${quotedC(text)};
chat_response *response = NULL;
int code = chat_call(client, ${quotedC(path(request))}, json, strlen(json), NULL, &response);
`;
}

function python(request, at) {
  return `import json, os

from tencent_chat import Client

with Client(base_url=${quoted(at.tls_url)}, ca_file=${quoted(at.ca_file)}, sdk_app_id=${request.query.sdkappid ?? 0},
            identifier=${quoted(request.query.identifier ?? "")}, secret_key=os.environ["CHAT_SECRET_KEY"]) as client:
    print(client.call(${quoted(path(request))}, json.loads(${quoted(json(request))})))
`;
}

function go(request, at) {
  return `client, err := chat.New(chat.Config{
	BaseURL: ${quoted(at.tls_url)}, CAFile: ${quoted(at.ca_file)}, SDKAppID: ${request.query.sdkappid ?? 0},
	Identifier: ${quoted(request.query.identifier ?? "")}, SecretKey: chat.NewSecret(os.Getenv("CHAT_SECRET_KEY")),
})
if err != nil {
	log.Fatal(err)
}
defer client.Close()
response, err := client.Call(context.Background(), ${quoted(path(request))}, json.RawMessage(${quoted(json(request))}))
`;
}

export const LANGUAGES = { curl, C: c, Python: python, Go: go };
