package mailer_test

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/mailer"
	"otklik/internal/notify/mail/mailtest"
)

const (
	user     = "cur@otklik.example"
	password = "тайна-приложения-7"
)

// real starts a server of aiosmtpd that offers all ways to sign in but one, and returns what
// speaks to it and a reader of what it takes.
func real(t *testing.T, exclude string) (*mailer.Server, *bufio.Scanner) {
	t.Helper()
	python := ""
	for _, p := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(p, "-c", "import aiosmtpd").Run() == nil {
			python = p
			break
		}
	}
	if python == "" {
		t.Skip("no mail server to speak with: apt install python3-aiosmtpd")
	}
	own, err := mailtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { own.Close() })
	cert := own.Certificate()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/server.py", certFile, keyFile, user, password, exclude)
	cmd.Stderr = io.Discard
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	said := bufio.NewScanner(out)
	said.Buffer(nil, 8<<20)
	if !said.Scan() {
		t.Fatal("the server does not start")
	}
	return &mailer.Server{Addr: net.JoinHostPort("127.0.0.1", said.Text()), User: user, Password: password, Secret: mailer.StartTLS, Roots: own.Roots}, said
}

// A server that others wrote takes our letters after STARTTLS and any of its ways to sign
// in; what it refuses says how far the letter came.
func TestAnotherServer(t *testing.T) {
	t.Parallel()
	for _, exclude := range []string{"", "LOGIN", "PLAIN"} {
		srv, said := real(t, exclude)
		if err := srv.Check(t.Context(), user); err != nil {
			t.Fatalf("without %q: %v", exclude, err)
		}
		letter := mailer.Write([]mailer.Field{{Name: "From", Value: user}, {Name: "Subject", Value: mailer.Words("Ответ на обращение")}}, "Здравствуйте!\n.точка в начале строки\n"+strings.Repeat("длинная строка ", 200))
		if err := srv.Send(t.Context(), user, "anna@pochta.example", letter); err != nil {
			t.Fatalf("without %q: %v", exclude, err)
		}
		if !said.Scan() {
			t.Fatal("the server is gone")
		}
		var got struct {
			From    string
			To      []string
			Options []string
			Secret  bool
			Data    string
		}
		if err := json.Unmarshal(said.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.From != user || len(got.To) != 1 || got.To[0] != "anna@pochta.example" || !got.Secret || strings.TrimRight(got.Data, "\r\n") != strings.TrimRight(string(letter), "\r\n") {
			t.Errorf("without %q it took %+v", exclude, got)
		}
	}

	srv, said := real(t, "")
	for to, want := range map[string]mailer.Error{
		"grey@x.example":   {Step: mailer.To, Code: 451, Status: "4.7.1"},
		"nobody@x.example": {Step: mailer.To, Code: 550, Status: "5.1.1"},
		"full@x.example":   {Step: mailer.To, Code: 552, Status: "5.2.2"},
		"spam@x.example":   {Step: mailer.End, Code: 554, Status: "5.7.1"},
	} {
		err := srv.Send(t.Context(), user, to, mailer.Write(nil, "Здравствуйте!"))
		var e *mailer.Error
		if !errors.As(err, &e) || e.Step != want.Step || e.Code != want.Code || e.Status != want.Status || e.Unclear() {
			t.Errorf("%s: %v", to, err)
		}
		if err != nil && strings.Contains(err.Error(), to) {
			t.Errorf("the error names the address: %v", err)
		}
	}
	if err := srv.Send(t.Context(), user, "grey@x.example", mailer.Write(nil, "Здравствуйте!")); err != nil || !said.Scan() {
		t.Errorf("after a while: %v", err)
	}
	if err := srv.Send(t.Context(), user, "анна@почта.рф", mailer.Write(nil, "Здравствуйте!")); err != nil || !said.Scan() || !strings.Contains(said.Text(), `"utf8": true`) || !strings.Contains(said.Text(), "@xn--80a1acny.xn--p1ai") {
		t.Errorf("an address in Russian: %v, %s", err, said.Text())
	}
	wrong := *srv
	wrong.Password = "другой"
	var e *mailer.Error
	if err := wrong.Check(t.Context(), user); !errors.As(err, &e) || e.Step != mailer.Auth || e.Code != 535 {
		t.Errorf("a wrong password: %v", err)
	}
	plain := *srv
	plain.Secret = mailer.TLS
	if err := plain.Check(t.Context(), user); err == nil {
		t.Error("it speaks TLS to a port without")
	}
}
