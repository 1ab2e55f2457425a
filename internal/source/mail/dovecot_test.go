package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/internal/mailer"
	"otklik/internal/source/mail"
)

// A dovecot is a real IMAP server of one mailbox: the one that most providers run.
type dovecot struct {
	imap, imaps string // host:port
	box         string // the Maildir
	conf        string
	n           int
}

// startDovecot starts the machine's Dovecot with a mailbox of its own.
func startDovecot(t *testing.T) (*dovecot, *mail.Box) {
	t.Helper()
	binary, err := exec.LookPath("dovecot")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/dovecot"); err != nil {
			t.Skip("no Dovecot on this machine: apt install dovecot-imapd")
		}
	}
	dir, err := os.MkdirTemp("/tmp", "dovecot") // addresses of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	cert, roots := certificate(t)
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}))
	write(t, filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	write(t, filepath.Join(dir, "passwd"), []byte(centre+":{PLAIN}"+password+"\n"))
	d := &dovecot{imap: free(t), imaps: free(t), box: filepath.Join(dir, "box"), conf: filepath.Join(dir, "dovecot.conf")}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	users := "default_internal_user = " + me.Username + "\ndefault_internal_group = " + gid(t, me) + "\ndefault_login_user = " + me.Username + "\nservice imap-login {\n  chroot =\n}\nservice anvil {\n  chroot =\n}\n"
	uid, group := me.Uid, me.Gid
	if me.Uid == "0" { // it refuses to serve root's mail
		users, uid, group = "", "65534", "65534"
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	port := func(addr string) string { _, p, _ := net.SplitHostPort(addr); return p }
	write(t, d.conf, fmt.Appendf(nil, `base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
mail_location = maildir:%[2]s
mailbox_list_index = no
ssl = yes
disable_plaintext_auth = no
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
first_valid_uid = 1
auth_mechanisms = plain login
%[3]spassdb {
  driver = passwd-file
  args = scheme=PLAIN %[1]s/passwd
}
userdb {
  driver = static
  args = uid=%[4]s gid=%[5]s home=%[1]s
}
service imap-login {
  inet_listener imap {
    port = %[6]s
  }
  inet_listener imaps {
    port = %[7]s
    ssl = yes
  }
}
`, dir, d.box, users, uid, group, port(d.imap), port(d.imaps)))
	for _, sub := range []string{"", "/cur", "/new", "/tmp", "/." + mail.FolderName("Жалобы & вопросы"), "/." + mail.FolderName("Жалобы & вопросы") + "/new", "/." + mail.FolderName("Жалобы & вопросы") + "/cur", "/." + mail.FolderName("Жалобы & вопросы") + "/tmp"} {
		if err := os.MkdirAll(d.box+sub, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	d.give(t)
	var said bytes.Buffer
	cmd := exec.Command(binary, "-F", "-c", d.conf)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if log, err := os.ReadFile(filepath.Join(dir, "log")); t.Failed() && err == nil {
			t.Logf("Dovecot says:\n%s", log)
		}
	})
	for k := 0; ; k++ {
		c, err := net.DialTimeout("tcp", d.imap, time.Second)
		if err == nil {
			c.Close()
			break
		}
		if k > 300 {
			t.Fatalf("Dovecot does not start: %v\n%s", err, said.Bytes())
		}
		time.Sleep(100 * time.Millisecond) // it tells nobody when it is ready
	}
	return d, &mail.Box{
		Source: mail.SourceID(centre), Address: centre, IMAP: d.imaps, Secret: mailer.TLS, User: centre, Password: password, Roots: roots, Key: secret, SMTP: nobody{}, Back: 10 * 365 * 24 * time.Hour,
	}
}

// nobody takes letters.
type nobody struct{}

func (nobody) Send(context.Context, string, string, []byte) error { return nil }

func gid(t *testing.T, me *user.User) string {
	t.Helper()
	g, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return g.Name
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// give lets the server, which does not run as we do, write into the mailbox.
func (d *dovecot) give(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	err := filepath.WalkDir(d.box, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, 65534, 65534)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// deliver puts a letter into a folder ("" = INBOX), as a mail server does.
func (d *dovecot) deliver(t *testing.T, folder, letter string) {
	t.Helper()
	d.n++
	name := strconv.FormatInt(time.Now().Unix(), 10) + "." + strconv.Itoa(d.n) + ".test"
	if folder != "" {
		folder = "." + mail.FolderName(folder)
	}
	path := filepath.Join(d.box, folder, "tmp", name)
	write(t, path, crlf(letter))
	d.give(t)
	if err := os.Rename(path, filepath.Join(d.box, folder, "new", name)); err != nil {
		t.Fatal(err)
	}
}

// overhear stands between the client and a server without TLS, and says when the server has
// said some words.
func overhear(t *testing.T, server, words string) (addr string, said <-chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	heard := make(chan struct{})
	go func() {
		in, err := l.Accept()
		if err != nil {
			return
		}
		defer in.Close()
		out, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		defer out.Close()
		go func() { _, _ = io.Copy(out, in); out.Close() }()
		told := false
		r := bufio.NewReader(out)
		for {
			line, err := r.ReadString('\n')
			if _, werr := io.WriteString(in, line); err != nil || werr != nil {
				return
			}
			if !told && strings.HasPrefix(line, words) {
				told = true
				close(heard)
			}
		}
	}()
	return l.Addr().String(), heard
}

func plainLetter(id, text string) string {
	return "From: <" + resident + ">\nTo: <" + centre + ">\nMessage-ID: <" + id + ">\nDate: " + time.Now().UTC().Format(time.RFC1123Z) + "\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text + "\n"
}

func natives(t *testing.T, b *mail.Box, cursor []byte) (string, []byte) {
	t.Helper()
	var list []string
	for {
		batch, err := b.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		if batch.Note != "" {
			t.Errorf("the source complains: %s", batch.Note)
		}
		for _, m := range batch.Messages {
			list = append(list, m.Native)
		}
		if cursor = batch.Cursor; !batch.More {
			return strings.Join(list, " "), cursor
		}
	}
}

// Our client reads a mailbox of Dovecot: over TLS and STARTTLS, a folder with a Russian name,
// a large letter, a letter that comes while it waits, a mailbox that was moved.
func TestDovecot(t *testing.T) {
	t.Parallel()
	d, b := startDovecot(t)
	roots := b.Roots
	const folder = "Жалобы & вопросы"
	b.Folders = []string{folder}
	d.deliver(t, "", plainLetter("1@x", "Нет света на Мира, 3"))
	d.deliver(t, folder, plainLetter("2@x", "Яма на Лесной"))
	got, cursor := natives(t, b, nil)
	if got != "1@x 2@x" {
		t.Fatalf("the first reading brings %q", got)
	}
	if got, _ := natives(t, b, cursor); got != "" {
		t.Errorf("nothing new, and it brings %q", got)
	}

	picture := b64(strings.Repeat("\xff\xd8 снимок ", 900_000))
	d.deliver(t, "", "From: <"+resident+">\nMessage-ID: <3@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nСнимок ямы\n--b\nContent-Type: image/jpeg; name=yama.jpg\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n"+picture+"\n--b--\n")
	batch, err := b.Poll(t.Context(), cursor)
	if err != nil || len(batch.Messages) != 1 || len(batch.Messages[0].Attachments) != 1 {
		t.Fatalf("a letter of %d MB: %+v, %v", len(picture)>>20, batch.Messages, err)
	}
	cursor = batch.Cursor
	file, err := b.File(t.Context(), batch.Messages[0].Attachments[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(file); err != nil || len(content) != len(strings.Repeat("\xff\xd8 снимок ", 900_000)) {
		t.Errorf("the picture has %d bytes, %v", len(content), err)
	}

	// A letter that comes while it waits is brought by IDLE, long before the wait is over.
	b = &mail.Box{Source: b.Source, Address: centre, Secret: mailer.Plain, User: centre, Password: password, Key: secret, SMTP: nobody{}, Folders: b.Folders, Wait: 10 * time.Minute}
	var waits <-chan struct{}
	b.IMAP, waits = overhear(t, d.imap, "+ idling")
	type answer struct {
		got string
		cur []byte
	}
	came := make(chan answer, 1)
	go func() {
		batch, err := b.Poll(t.Context(), cursor)
		a := answer{got: fmt.Sprint(err), cur: batch.Cursor}
		if err == nil && len(batch.Messages) == 1 {
			a.got = batch.Messages[0].Native
		}
		came <- a
	}()
	select {
	case <-waits:
	case a := <-came:
		t.Fatalf("it does not wait: %q", a.got)
	}
	d.deliver(t, "", plainLetter("4@x", "Не вывозят мусор"))
	select {
	case a := <-came:
		if a.got != "4@x" {
			t.Errorf("while it waited came %q", a.got)
		}
		cursor = a.cur
	case <-time.After(5 * time.Minute):
		t.Fatal("IDLE brings nothing")
	}

	// The mailbox was moved: other numbers. Everything of the last days comes again and
	// nothing is lost; intake knows what it has.
	moved := filepath.Join(d.box, "dovecot-uidlist")
	old, err := os.ReadFile(moved)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := bytes.Cut(old, []byte("\n")) // «3 V1790000000 N5 G…»
	fields := bytes.Fields(first)
	fields[1] = []byte("V77")
	write(t, moved, append(append(bytes.Join(fields, []byte(" ")), '\n'), rest...))
	for _, index := range []string{"dovecot.index", "dovecot.index.log", "dovecot.index.cache"} {
		os.Remove(filepath.Join(d.box, index))
	}
	d.give(t)
	d.deliver(t, "", plainLetter("5@x", "Не чистят снег"))
	moving := &mail.Box{Source: b.Source, Address: centre, IMAP: d.imap, Secret: mailer.StartTLS, User: centre, Password: password, Roots: roots, Key: secret, SMTP: nobody{}, Folders: b.Folders}
	got, cursor = natives(t, moving, cursor)
	for _, id := range []string{"1@x", "3@x", "4@x", "5@x"} {
		if !strings.Contains(got, id) {
			t.Errorf("after the move %s is missing in %q", id, got)
		}
	}
	if got, _ := natives(t, moving, cursor); got != "" {
		t.Errorf("after the move it brings twice: %q", got)
	}

	wrong := &mail.Box{Source: b.Source, Address: centre, IMAP: d.imap, Secret: mailer.StartTLS, User: centre, Password: "другой", Roots: roots, Key: secret, SMTP: nobody{}}
	_, err = wrong.Poll(t.Context(), nil)
	if _, said := sentence(t, err); !strings.Contains(said, "не принимает адрес или пароль") {
		t.Errorf("a wrong password: %q", said)
	}
}
