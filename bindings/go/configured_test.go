//go:build cgo

// Each setting's effect, seen on the wire or in behaviour: a setting that is stored and never
// applied fails here.

package chat_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestSDKAppIDIdentifierAndUserAgentAreSent(t *testing.T) {
	service := chattest.Start(t, "--admin", "root admin&co", "--sdk-app-id", "1400000007")
	client := service.NewClient(func(c *chat.Config) {
		c.SDKAppID, c.Identifier, c.UserAgent = 1400000007, "root admin&co", "shop/7.1"
	})
	createGroup(t, client, "one")
	seen := service.Requests()[0]
	if seen.Query["sdkappid"] != "1400000007" || seen.Query["identifier"] != "root admin&co" || seen.Query["contenttype"] != "json" {
		t.Errorf("query %v", seen.Query)
	}
	if agent := seen.Headers["user-agent"]; !strings.HasSuffix(agent, " shop/7.1") || !strings.Contains(agent, "tencent-chat") {
		t.Errorf("User-Agent is %q", agent)
	}
}

func TestBaseURLDecidesBetweenHTTPAndHTTPS(t *testing.T) {
	service := chattest.Start(t)
	createGroup(t, service.NewClient(), "one")
	deleteGroup(t, service.NewClient(func(c *chat.Config) { c.BaseURL, c.CAFile = service.URL, "" }), "one")
	if seen := service.Requests(); seen[0].Listener != "https" || seen[1].Listener != "http" {
		t.Errorf("went over %s, then %s", seen[0].Listener, seen[1].Listener)
	}
}

// refusingProxy takes CONNECT, keeps the authority, and opens nothing: no test reaches a real
// host.
func refusingProxy(t *testing.T) (address string, asked func() []string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var mutex sync.Mutex
	var authorities []string
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			if request, err := http.ReadRequest(bufio.NewReader(connection)); err == nil && request.Method == http.MethodConnect {
				mutex.Lock()
				authorities = append(authorities, request.Host)
				mutex.Unlock()
			}
			connection.Write([]byte("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
			connection.Close()
		}
	}()
	return "http://" + listener.Addr().String(), func() []string {
		mutex.Lock()
		defer mutex.Unlock()
		return append([]string(nil), authorities...)
	}
}

func TestRegionDecidesTheHost(t *testing.T) {
	hosts := map[string]string{ // 1047/53441
		"china": "console.tim.qq.com", "singapore": "adminapisgp.im.qcloud.com", "seoul": "adminapikr.im.qcloud.com",
		"tokyo": "adminapijpn.im.qcloud.com", "frankfurt": "adminapiger.im.qcloud.com",
		"silicon_valley": "adminapiusa.im.qcloud.com", "jakarta": "adminapiidn.im.qcloud.com", "riyadh": "adminapiksa.im.qcloud.com",
	}
	for region, host := range hosts {
		proxy, asked := refusingProxy(t)
		client, err := chat.New(chat.Config{Region: region, SDKAppID: 1, Identifier: "administrator", SecretKey: chat.NewSecret("key"), Proxy: chat.NewSecret(proxy)})
		if err != nil {
			t.Errorf("%s: %v", region, err)
			continue
		}
		_, err = client.DelContactGroup(context.Background(), "user", "group")
		wantFailure(t, err, chat.ErrTransport, chat.CodeTransport)
		client.Close()
		if got := asked(); len(got) == 0 || got[0] != host+":443" {
			t.Errorf("%s asked the proxy for %v, want %s:443", region, got, host)
		}
	}
}

func TestTimeoutEndsACallWhileThePeerStillHangs(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) { c.Timeout = 150 * time.Millisecond })
	begun := time.Now()
	_, err := client.DelContactGroup(context.Background(), chattest.User, "one")
	failure := wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
	if spent := time.Since(begun); spent < 150*time.Millisecond {
		t.Errorf("ended early, after %v", spent)
	}
	if !failure.InDoubt || !failure.Timeout() {
		t.Errorf("a request was sent and not answered, yet %+v", failure.Response)
	}
	if total := service.RequestsTotal(); total != 1 {
		t.Errorf("%d requests, want 1", total)
	}
}

func TestWithTimeoutReplacesTheClientsTimeoutBothWays(t *testing.T) {
	service := chattest.Start(t)
	patient := service.NewClient()
	service.Fault(chattest.Fault{Hang: true})
	_, err := patient.DelContactGroup(context.Background(), chattest.User, "one", chat.WithTimeout(100*time.Millisecond))
	wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)

	hasty := service.NewClient(func(c *chat.Config) { c.Timeout = 50 * time.Millisecond })
	service.Fault(chattest.Fault{Path: deletePath, Delay: 300 * time.Millisecond})
	_, err = hasty.DelContactGroup(context.Background(), chattest.User, "one", chat.WithTimeout(20*time.Second))
	wantFailure(t, err, chat.ErrGroupNotFound, 51009)

	_, err = patient.DelContactGroup(context.Background(), chattest.User, "one", chat.WithTimeout(-time.Second))
	wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
}

func TestConnectTimeoutEndsAHandshakeThatNeverComes(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	const longer = chat.DefaultConnectTimeout + 200*time.Millisecond // so that the default would be early
	client, err := chat.New(chat.Config{
		BaseURL: "https://" + silent.Addr().String(), SDKAppID: 1, Identifier: "administrator", SecretKey: chat.NewSecret("key"),
		ConnectTimeout: longer, Timeout: time.Minute, MaxAttempts: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	begun := time.Now()
	_, err = client.DelContactGroup(context.Background(), "user", "group")
	failure := wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
	if spent := time.Since(begun); spent < longer || spent > 30*time.Second {
		t.Errorf("ended after %v; ConnectTimeout is %v and Timeout a minute", spent, longer)
	}
	if failure.InDoubt {
		t.Error("in doubt although no request was sent")
	}
}

func TestMaxConnectionsAboveTheDefaultAreOpened(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	const more = 70 // than the native library's own default, 64
	client := service.NewClient(func(c *chat.Config) { c.MaxConnections, c.Timeout, c.AttemptTimeout = more, time.Minute, time.Minute })
	for i := 0; i < more; i++ {
		go client.DelContactGroup(context.Background(), chattest.User, "one")
	}
	service.AwaitRequests(more)
	client.Close()
}

func TestCallsThatWaitForAConnectionHoldNoOSThread(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) { c.MaxConnections = 2; c.Timeout = time.Minute })
	const calls = 300
	threads := pprof.Lookup("threadcreate")
	before := threads.Count()
	ended := make(chan struct{}, calls)
	for i := 0; i < calls; i++ {
		go func() {
			client.DelContactGroup(context.Background(), chattest.User, "one")
			ended <- struct{}{}
		}()
	}
	service.AwaitRequests(2)
	time.Sleep(50 * time.Millisecond) // the others have come to their wait
	if grown := threads.Count() - before; grown > 40 {
		t.Errorf("%d calls made %d OS threads; MaxConnections is 2", calls, grown)
	}
	client.Close()
	for i := 0; i < calls; i++ {
		<-ended
	}
}

func TestMaxConnectionsBoundsCallsInsideAndTheOthersRunOutOfTime(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) { c.MaxConnections = 3 })
	// One end for all: a call that a busy machine begins late finds no place that an earlier one gave back.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	failures := make(chan *chat.Error, 12)
	for i := 0; i < cap(failures); i++ {
		go func() {
			_, err := client.DelContactGroup(ctx, chattest.User, "one")
			failure, _ := err.(*chat.Error)
			failures <- failure
		}()
	}
	inDoubt := 0
	for i := 0; i < cap(failures); i++ {
		failure := <-failures
		if failure == nil || failure.Code != chat.CodeTimeout {
			t.Fatalf("got %v, want a timeout", failure)
		}
		if failure.InDoubt {
			inDoubt++
		}
	}
	if total := service.RequestsTotal(); total != 3 || inDoubt != 3 {
		t.Errorf("%d requests and %d calls in doubt; MaxConnections is 3", total, inDoubt)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	for i := 0; i < 5; i++ {
		createGroup(t, client, "one")
		deleteGroup(t, client, "one")
	}
	for _, seen := range service.Requests() {
		if seen.Connection != service.Requests()[0].Connection {
			t.Fatalf("request %d came on connection %d", seen.Number, seen.Connection)
		}
	}
}

func TestCAFileReplacesTheRootsAndAddCAFilesAddsToThem(t *testing.T) {
	service, other := chattest.Start(t), chattest.Start(t)
	cases := []struct {
		name     string
		ca       string
		add      []string
		accepted bool
	}{
		{"the right one", service.CAFile, nil, true},
		{"another one", other.CAFile, nil, false},
		{"the built-in roots", "", nil, false},
		{"added to the built-in roots", "", []string{service.CAFile}, true},
		{"added to another one", other.CAFile, []string{service.CAFile}, true},
		{"second of two added", "", []string{other.CAFile, service.CAFile}, true},
	}
	for _, one := range cases {
		client := service.NewClient(func(c *chat.Config) { c.CAFile, c.AddCAFiles = one.ca, one.add })
		_, err := client.DelContactGroup(context.Background(), chattest.User, "none")
		if one.accepted {
			wantFailure(t, err, chat.ErrGroupNotFound, 51009)
		} else if failure := wantFailure(t, err, chat.ErrTLS, chat.CodeTLS); failure.InDoubt {
			t.Errorf("%s: in doubt although the handshake failed", one.name)
		}
	}
}

func TestACAFileThatCannotBeReadIsRefusedWithItsName(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.pem")
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{missing, empty} {
		for _, config := range []chat.Config{{CAFile: file}, {AddCAFiles: []string{file}}} {
			config.Region, config.SDKAppID, config.Identifier, config.SecretKey = "tokyo", 1, "administrator", chat.NewSecret("key")
			_, err := chat.New(config)
			if failure := wantFailure(t, err, chat.ErrConfig, chat.CodeConfig); !strings.Contains(failure.Message, filepath.Base(file)) {
				t.Errorf("the message does not name the file: %s", failure.Message)
			}
		}
	}
}

func TestProxyCarriesTheCallsWithItsLogin(t *testing.T) {
	service := chattest.Start(t, "--proxy-port", "0", "--proxy-login", "user:password")
	host := strings.TrimPrefix(service.TLSURL, "https://")
	client := service.NewClient(func(c *chat.Config) {
		c.Proxy = chat.NewSecret(strings.Replace(service.ProxyURL, "http://", "http://user:password@", 1))
	})
	createGroup(t, client, "one")
	if connects := service.ProxyConnects(); len(connects) != 1 || connects[0] != (chattest.Connect{Authority: host, LoginAccepted: true}) {
		t.Errorf("the proxy saw %v, want one for %s", connects, host)
	}
	refused := service.NewClient(func(c *chat.Config) {
		c.Proxy = chat.NewSecret(strings.Replace(service.ProxyURL, "http://", "http://user:wrong@", 1))
	})
	_, err := refused.DelContactGroup(context.Background(), chattest.User, "one")
	wantFailure(t, err, chat.ErrTransport, chat.CodeTransport)
}

func TestProxyVariablesOfTheEnvironmentAreIgnored(t *testing.T) {
	proxy, asked := refusingProxy(t)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, proxy)
	}
	service := chattest.Start(t)
	createGroup(t, service.NewClient(), "one")
	if got := asked(); len(got) != 0 {
		t.Errorf("the proxy was asked for %v", got)
	}
}

func TestPlainHTTPBeyondLoopbackNeedsItsSwitch(t *testing.T) {
	config := chat.Config{BaseURL: "http://chat.example.com", SDKAppID: 1, Identifier: "administrator", SecretKey: chat.NewSecret("key")}
	_, err := chat.New(config)
	wantFailure(t, err, chat.ErrConfig, chat.CodeConfig)
	config.AllowInsecureHTTP = true
	client, err := chat.New(config)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

func TestNoLocalLimitsLetsTheServiceDecide(t *testing.T) {
	service := chattest.Start(t)
	over := strings.Repeat("設", 22) // 66 bytes
	_, err := service.NewClient().DelContactGroup(context.Background(), chattest.User, over)
	failure := wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	if !strings.Contains(failure.Message, "51011") || failure.Attempts != 0 || service.RequestsTotal() != 0 {
		t.Errorf("refused locally with %+v after %d requests", failure.Response, service.RequestsTotal())
	}
	_, err = service.NewClient(func(c *chat.Config) { c.NoLocalLimits = true }).DelContactGroup(context.Background(), chattest.User, over)
	wantFailure(t, err, chat.ErrGroupNameTooLong, 51011)
	if total := service.RequestsTotal(); total != 1 {
		t.Errorf("%d requests, want 1", total)
	}
}

func TestWithRandomIsSentAndToldAndOtherwiseNew(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	for _, random := range []uint32{0, 4294967295} {
		response, err := client.Call(context.Background(), "v4/recentcontact/get_contact_group", map[string]any{"From_Account": chattest.User, "StartIndex": 0}, chat.WithRandom(random))
		if err != nil || response.Random != random {
			t.Fatalf("told %+v, %v", response, err)
		}
	}
	seen := service.Requests()
	if seen[0].Query["random"] != "0" || seen[1].Query["random"] != "4294967295" {
		t.Errorf("sent %s and %s", seen[0].Query["random"], seen[1].Query["random"])
	}
	different := map[uint32]bool{}
	for i := 0; i < 8; i++ {
		_, err := client.DelContactGroup(context.Background(), chattest.User, "none")
		different[wantFailure(t, err, chat.ErrGroupNotFound, 51009).Random] = true
	}
	if len(different) < 7 {
		t.Errorf("8 calls had %d different randoms", len(different))
	}
}
