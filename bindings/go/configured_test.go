//go:build cgo

// Each setting's effect, seen on the wire or in behaviour: a setting that is stored and never
// applied fails here.

package chat_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

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
