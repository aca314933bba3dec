// Finds and starts the emulator's process, reads its ready line and ends it. The process outlives neither the
// test nor the program that started it: its stdin closes with us.

package chattest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

// What the emulator accepts unless flags say otherwise. The key is public and opens nothing.
const (
	SDKAppID   = 1400000000
	Identifier = "administrator"
	SecretKey  = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
)

// Users that are imported from the start, beside the administrator.
const (
	User      = "user_0001"
	OtherUser = "user_0002"
)

const (
	startLimit = 30 * time.Second // stops a hang; a start takes milliseconds
	endLimit   = 10 * time.Second
)

// Service is a running emulator.
type Service struct {
	URL      string `json:"url"`       // http://127.0.0.1:port
	TLSURL   string `json:"tls_url"`   // https://localhost:port
	CAFile   string `json:"ca_file"`   // PEM; signs the certificate of TLSURL
	AdminURL string `json:"admin_url"` // the emulator's own controls
	ProxyURL string `json:"proxy_url"` // a CONNECT proxy; "" without --proxy-port

	tb      testing.TB // nil when started by Run
	program *exec.Cmd
	stdin   io.Closer
	stderr  *lockedBuffer
	once    sync.Once
	ended   error
}

// Start starts an emulator that ends with the test. flags are the program's own, for example
// "--name-limit", "32" (chat-emulator --help lists them).
func Start(tb testing.TB, flags ...string) *Service {
	tb.Helper()
	service, err := Run(flags...)
	if err != nil {
		tb.Fatal(err)
	}
	service.tb = tb
	tb.Cleanup(func() {
		if err := service.Close(); err != nil {
			tb.Errorf("%v", err)
		}
	})
	return service
}

// Run starts an emulator without a test, for examples, benchmarks and demonstrations. The
// caller closes it. Methods of a Service made so panic where one made by Start ends the test.
func Run(flags ...string) (*Service, error) {
	path, err := findProgram(chat.LibraryFile())
	if err != nil {
		return nil, err
	}
	service := &Service{stderr: &lockedBuffer{}}
	stdout, err := service.start(path, flags)
	for patience := time.Now().Add(startLimit); errors.Is(err, syscall.ETXTBSY) && time.Now().Before(patience); {
		// A process that was forked elsewhere in this program, while the carried emulator was being unpacked, has its file open for
		// writing until it becomes another program.
		time.Sleep(time.Millisecond)
		stdout, err = service.start(path, flags)
	}
	if err != nil {
		return nil, fmt.Errorf("chattest: %s does not start: %w", path, err)
	}
	if err := service.awaitReady(stdout); err != nil {
		service.program.Process.Kill()
		service.program.Wait()
		return nil, fmt.Errorf("chattest: %s gave no ready line: %w; it wrote: %s", path, err, service.stderr)
	}
	return service, nil
}

func (s *Service) start(path string, flags []string) (stdout io.Reader, err error) {
	s.program = exec.Command(path, append([]string{"--until-stdin-closes"}, flags...)...)
	s.program.Stderr = s.stderr
	if s.stdin, err = s.program.StdinPipe(); err != nil {
		return nil, err
	}
	if stdout, err = s.program.StdoutPipe(); err != nil {
		return nil, err
	}
	return stdout, s.program.Start()
}

// awaitReady reads the one line of JSON the emulator prints when its ports are open.
func (s *Service) awaitReady(stdout io.Reader) error {
	line := make(chan []byte, 1)
	go func() {
		text, _ := bufio.NewReader(stdout).ReadBytes('\n')
		line <- text
		io.Copy(io.Discard, stdout)
	}()
	select {
	case text := <-line:
		if len(text) == 0 {
			return errors.New("it ended")
		}
		return json.Unmarshal(text, s)
	case <-time.After(startLimit):
		return fmt.Errorf("nothing after %v", startLimit)
	}
}

// Close ends the emulator. It may be called again; a Service that was not started has nothing to end.
func (s *Service) Close() error {
	if s == nil || s.program == nil {
		return nil
	}
	s.once.Do(func() {
		s.stdin.Close()
		overdue := time.AfterFunc(endLimit, func() { s.program.Process.Kill() })
		defer overdue.Stop()
		if err := s.program.Wait(); err != nil {
			s.ended = fmt.Errorf("chattest: the emulator ended badly: %w; it wrote: %s", err, s.stderr)
		}
	})
	return s.ended
}

// Config is a configuration over HTTPS that this emulator accepts; change what the test is
// about.
func (s *Service) Config() chat.Config {
	return chat.Config{
		BaseURL:    s.TLSURL,
		CAFile:     s.CAFile,
		SDKAppID:   SDKAppID,
		Identifier: Identifier,
		SecretKey:  chat.NewSecret(SecretKey),
	}
}

// NewClient makes a client from Config and the given changes, and closes it with the test.
func (s *Service) NewClient(changes ...func(*chat.Config)) *chat.Client {
	config := s.Config()
	for _, change := range changes {
		change(&config)
	}
	client, err := chat.New(config)
	if err != nil {
		s.fail(err)
	}
	if s.tb != nil {
		s.tb.Cleanup(func() { client.Close() })
	}
	return client
}

func (s *Service) fail(err error) {
	if s.tb == nil {
		panic(err)
	}
	s.tb.Helper()
	s.tb.Fatal(err)
}

const programName = "chat-emulator"

// fileName is how the system names a program of that name.
func fileName(program string) string {
	if runtime.GOOS == "windows" {
		return program + ".exe"
	}
	return program
}

// findProgram looks in CHAT_EMULATOR and beside the library, takes what the module carries, and looks on PATH.
func findProgram(library string) (string, error) {
	if path := os.Getenv("CHAT_EMULATOR"); path != "" {
		if !isProgram(path) {
			return "", fmt.Errorf("chattest: CHAT_EMULATOR is %q, which is not a program that can be run", path)
		}
		return path, nil
	}
	beside := placesBeside(library)
	for _, path := range beside {
		if isProgram(path) {
			return path, nil
		}
	}
	if path, err := unpackedProgram(); path != "" || err != nil {
		return path, err
	}
	if path, err := exec.LookPath(programName); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("chattest: %s not found (tried CHAT_EMULATOR, %q and PATH, and this module carries none for this platform): "+
		"in a checkout of tencent-chat run `make install`, and set CHAT_EMULATOR to the program's path", programName, beside)
}

// placesBeside is where an installation keeps the program; "" is a library of unknown place.
func placesBeside(library string) []string {
	if library == "" {
		return nil
	}
	folder := filepath.Dir(library)
	return []string{filepath.Join(folder, fileName(programName)), filepath.Join(folder, "..", "bin", fileName(programName))}
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0)
}

// lockedBuffer keeps the beginning of what the emulator writes to stderr.
type lockedBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

const stderrLimit = 16 << 10

func (b *lockedBuffer) Write(part []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if room := stderrLimit - b.text.Len(); room > len(part) {
		b.text.Write(part)
	} else if room > 0 {
		b.text.Write(part[:room])
	}
	return len(part), nil
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}
