//go:build cgo

// Signatures seen from outside: a signer and a verifier written from the vendor's pages (TLSSigAPIv2,
// 1047/34385) that share nothing with the library, against what the library sends.

package chat_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// signature is the JSON inside a UserSig; times and validity in seconds.
type signature struct {
	Ver        string `json:"TLS.ver"`
	Identifier string `json:"TLS.identifier"`
	SDKAppID   int64  `json:"TLS.sdkappid"`
	Expire     int64  `json:"TLS.expire"`
	Time       int64  `json:"TLS.time"`
	Sig        string `json:"TLS.sig"`
}

func (t signature) mac(key string) string {
	signer := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(signer, "TLS.identifier:%s\nTLS.sdkappid:%d\nTLS.time:%d\nTLS.expire:%d\n", t.Identifier, t.SDKAppID, t.Time, t.Expire)
	return base64.StdEncoding.EncodeToString(signer.Sum(nil))
}

var alphabet = strings.NewReplacer("+", "*", "/", "-", "=", "_")
var plainAlphabet = strings.NewReplacer("*", "+", "-", "/", "_", "=")

// sign makes a UserSig for chattest's app that began an hour ago and holds for a day.
func sign(t *testing.T, key, identifier string) string {
	t.Helper()
	content := signature{Ver: "2.0", Identifier: identifier, SDKAppID: chattest.SDKAppID, Expire: 86400, Time: time.Now().Unix() - 3600}
	content.Sig = content.mac(key)
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	writer := zlib.NewWriter(&packed)
	writer.Write(text)
	writer.Close()
	return alphabet.Replace(base64.StdEncoding.EncodeToString(packed.Bytes()))
}

func decode(t *testing.T, usersig string) (content signature) {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(plainAlphabet.Replace(usersig))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &content); err != nil {
		t.Fatal(err)
	}
	return content
}

// captureSignature runs one call against a server that keeps the signature it was sent.
func captureSignature(t *testing.T, change func(*chat.Config)) string {
	t.Helper()
	seen := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.URL.Query().Get("usersig")
		io.WriteString(w, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`)
	}))
	defer server.Close()
	config := chat.Config{BaseURL: server.URL, SDKAppID: chattest.SDKAppID, Identifier: chattest.Identifier, SecretKey: chat.NewSecret(chattest.SecretKey)}
	change(&config)
	client, err := chat.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.DelContactGroup(context.Background(), chattest.User, "group"); err != nil {
		t.Fatal(err)
	}
	return <-seen
}

func TestTheSignerOfTheseTestsReproducesTheVendorsVectors(t *testing.T) {
	vector := signature{Identifier: "administrator", SDKAppID: 1400000000, Time: 1700000000, Expire: 15552000}
	if got := vector.mac(chattest.SecretKey); got != "JCzxanF8NTTXau4m+2h9wv7gYJnyNksm0xm1NEXU274=" {
		t.Errorf("TLS.sig is %s", got)
	}
}

func TestSignaturesMadeFromTheKeyVerifyIndependently(t *testing.T) {
	before := time.Now().Unix()
	got := decode(t, captureSignature(t, func(*chat.Config) {}))
	if got.Sig != got.mac(chattest.SecretKey) {
		t.Errorf("TLS.sig of %+v does not verify", got)
	}
	if got.Ver != "2.0" || got.Identifier != chattest.Identifier || got.SDKAppID != chattest.SDKAppID {
		t.Errorf("signed for another: %+v", got)
	}
	if until := got.Time + got.Expire - before; until < 86400-120 || until > 86400+120 {
		t.Errorf("valid for %d s, the default is a day", until)
	}
	if got.Time > before {
		t.Errorf("not back-dated against clock skew: %d s ahead", got.Time-before)
	}
}

func TestUserSigLifetimeReachesTheSignature(t *testing.T) {
	before := time.Now().Unix()
	got := decode(t, captureSignature(t, func(c *chat.Config) { c.UserSigLifetime = 2*time.Hour - time.Millisecond }))
	if until := got.Time + got.Expire - before; until < 7200-120 || until > 7200+120 {
		t.Errorf("valid for %d s, asked for 7200", until)
	}
}

func TestAReadyUserSigIsSentAsItIs(t *testing.T) {
	ready := sign(t, chattest.SecretKey, chattest.Identifier)
	sent := captureSignature(t, func(c *chat.Config) {
		c.SecretKey, c.UserSig = chat.Secret{}, chat.NewSecret(ready)
	})
	if sent != ready {
		t.Error("the server saw another signature")
	}
}

func TestAReadyUserSigIsAcceptedAndCanBeReplaced(t *testing.T) {
	service := chattest.Start(t)
	createGroup(t, service.NewClient(), "one")
	wrong := sign(t, strings.Repeat("0", 64), chattest.Identifier)
	client := service.NewClient(func(c *chat.Config) {
		c.SecretKey, c.UserSig = chat.Secret{}, chat.NewSecret(wrong)
	})
	_, err := client.DelContactGroup(context.Background(), chattest.User, "one")
	wantFailure(t, err, chat.ErrUserSig, chat.CodeServiceUserSigWrongKey)
	if err := client.SetUserSig(chat.NewSecret(sign(t, chattest.SecretKey, chattest.Identifier))); err != nil {
		t.Fatal(err)
	}
	deleteGroup(t, client, "one")
}

func TestAUserSigForAUserIsMadeAndOpened(t *testing.T) {
	key := chat.NewSecret(chattest.SecretKey)
	sig, err := chat.NewUserSig(chattest.SDKAppID, "ユーザー", key, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	told, err := chat.InspectUserSig(sig, chattest.SDKAppID, key)
	if err != nil || !told.IsValid || told.Identifier != "ユーザー" || told.PrivateMap != nil || !*told.KeyMatches || !*told.AppMatches {
		t.Errorf("%+v, %v", told, err)
	}
	allowed := chat.PrivateMap{StringRoomID: "会議室", PrivilegeMap: 3}
	room, err := chat.NewPrivateMapKey(chattest.SDKAppID, "u", key, time.Hour, allowed)
	if err != nil {
		t.Fatal(err)
	}
	told, err = chat.InspectUserSig(room, 1, chat.NewSecret("another"))
	if err != nil || told.IsValid || *told.KeyMatches || *told.AppMatches || told.PrivateMap == nil || *told.PrivateMap != allowed {
		t.Errorf("%+v, %v", told, err)
	}
	for says, make := range map[string]func() (chat.Secret, error){
		"identifier is empty": func() (chat.Secret, error) { return chat.NewUserSig(1, "", key, time.Hour) },
		"lifetime_s: 0":       func() (chat.Secret, error) { return chat.NewUserSig(1, "u", key, 0) },
		"which room":          func() (chat.Secret, error) { return chat.NewPrivateMapKey(1, "u", key, time.Hour, chat.PrivateMap{}) },
	} {
		_, err := make()
		wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
