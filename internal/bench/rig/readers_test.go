package rig_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
	"otklik/internal/source/max"
	"otklik/internal/source/max/maxfake"
	"otklik/internal/source/ok"
	"otklik/internal/source/ok/okfake"
	"otklik/internal/source/telegram"
	"otklik/internal/source/telegram/telegramfake"
	"otklik/internal/source/vk/vkfake"
	"otklik/internal/store"
)

// A crowd is people who write on a network. Its natives are what messages of the store say.
type crowd struct {
	source string
	say    func(text string) (native string)
	edit   func(native, text string)
	said   []string
	now    map[string]string // what each message says in the end
}

// crowds opens four fake networks and puts them among the sources of the centre.
func crowds(t *testing.T, c *rig.Centre) []*crowd {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	served := func(h http.Handler) string {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		return srv.URL
	}
	sealed := func(h http.Handler) string { // a bot's token is sent by https alone
		srv := httptest.NewTLSServer(h)
		t.Cleanup(srv.Close)
		path := filepath.Join(t.TempDir(), "ca.pem")
		must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600))
		c.Wrap = []string{"env", "SSL_CERT_FILE=" + path}
		return srv.URL
	}
	vf, err := vkfake.New(vkfake.Options{Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community"})
	must(err)
	of, err := okfake.New(okfake.Options{Group: "5300", Name: "Двор", AppKey: "C", Token: "t", Secret: "s"})
	must(err)
	tf, err := telegramfake.New(telegramfake.Options{Token: "4001:AAE", Name: "otklik_bot", Channel: "Двор на Лесной"})
	must(err)
	mf, err := maxfake.New(maxfake.Options{Token: "max-token", Bot: 229, Name: "Отклик", Username: "otklik_bot"})
	must(err)

	// The file names VK's wall, an administrator has added the others.
	at := served(vf)
	conf, err := config.Load(c.Dir)
	must(err)
	conf.VK = []config.VK{{Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community", Territory: "95701000", Own: true,
		Every: config.Duration(100 * time.Millisecond), URL: at + "/method/", Page: at + "/"}}
	must(config.Save(c.Dir, conf))
	channel := mf.Channel("Двор на Лесной")
	box, err := seal.Keyed(filepath.Join(c.Dir, seal.Name))
	must(err)
	db, err := store.Open(t.Context(), c.Store())
	must(err)
	must(db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		for _, in := range []struct {
			id       string
			kind     source.Kind
			channel  message.Channel
			secret   string
			settings map[string]any
		}{
			{ok.SourceID("5300"), source.OK, message.OK, "C t s", map[string]any{"url": served(of) + "/fb.do", "reread": "1s"}},
			{"telegram:4001", source.Telegram, message.Telegram, "4001:AAE", map[string]any{"api": sealed(tf), "ours": []int64{telegramfake.GroupID, telegramfake.ChannelID}}},
			{"max:@otklik_bot", source.Max, message.Max, "max-token", map[string]any{"url": served(mf) + "/api", "long_poll": true, "reread": "1s", "chats": []int64{channel}}},
		} {
			settings, err := json.Marshal(in.settings)
			if err != nil {
				return err
			}
			p := scope.Place{Region: khakassia}
			k := source.Key{Name: in.id, Kind: in.kind, Sealed: box.Seal(in.id, in.secret), AddedAt: time.Now(), Place: p}
			if err := tx.Sources().SaveKey(t.Context(), &k); err != nil {
				return err
			}
			s := source.Source{ID: in.id, Kind: in.kind, Channel: in.channel, Name: in.id, Territory: "95701000", Own: true, Every: 5 * time.Second,
				Settings: settings, Key: in.id, AddedAt: time.Now(), Place: p}
			if err := tx.Sources().SaveSource(t.Context(), &s); err != nil {
				return err
			}
		}
		return nil
	}))
	must(db.Close())

	wall := vf.Post(vf.Owner(), "Что чинить?")
	topic := of.Topic(0, "Что чинить?")
	_, copied := tf.Post("Что чинить?")
	post := mf.Post(channel, 0, "Что чинить?")
	last := func(native, sep string) string { return native[strings.LastIndex(native, sep)+len(sep):] }
	number := func(s string) int64 {
		n, err := strconv.ParseInt(s, 10, 64)
		must(err)
		return n
	}
	return []*crowd{
		{source: "vk:-1001", say: func(text string) string {
			n, err := vf.Comment(wall, 0, vf.Person("Анна"), text)
			must(err)
			return fmt.Sprintf("wall-1001_%d_r%d", wall, n)
		}, edit: func(native, text string) { must(vf.Edit(number(last(native, "_r")), text)) }},
		{source: "ok:5300", say: func(text string) string {
			n, err := of.Comment(topic, "", of.Person("Анна"), text)
			must(err)
			return ok.Topic + "/" + topic + "/" + n
		}, edit: func(native, text string) { must(of.Edit(last(native, "/"), text)) }},
		{source: telegram.SourceID(telegramfake.GroupID), say: func(text string) string {
			n, err := tf.Comment(copied, tf.Person("Анна"), text)
			must(err)
			return telegram.Ref{Chat: telegramfake.GroupID, Message: n}.String()
		}, edit: func(native, text string) {
			r, err := telegram.ParseRef(native)
			must(err)
			must(tf.Edit(r.Chat, r.Message, text))
		}},
		{source: max.SourceID(channel), say: func(text string) string {
			n, err := mf.Comment(post, "", mf.Person("Анна"), text)
			must(err)
			return post + "/" + n
		}, edit: func(native, text string) { must(mf.Edit(last(native, "/"), text)) }},
	}
}

// write says something new or changes what was said.
func (c *crowd) write(rnd *rand.Rand, k int) {
	text := fmt.Sprintf("Во дворе дома %d по улице Пушкина не горит фонарь, заявка %d", 1+rnd.IntN(40), k)
	if len(c.said) > 0 && rnd.IntN(4) == 0 {
		native := c.said[rnd.IntN(len(c.said))]
		c.edit(native, text)
		c.now[native] = text
		return
	}
	native := c.say(text)
	c.said = append(c.said, native)
	c.now[native] = text
}

// TestAKilledReaderLosesAndDoublesNothing kills the service with SIGKILL while people write on
// VK, Odnoklassniki, Telegram and MAX. After the last start every comment of every network is
// in the store once, and says what it says in the network.
func TestAKilledReaderLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	kills, _ := soak(4)
	if testing.Short() {
		kills = 2
	}
	number := seed(t)
	c := newCentre(t, khakassia, nil)
	all := crowds(t, c)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for k, crowd := range all {
		crowd.now = map[string]string{}
		rnd := rand.New(rand.NewPCG(number, uint64(50+k)))
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(time.Duration(20+rnd.IntN(60)) * time.Millisecond):
					crowd.write(rnd, n)
				}
			}
		})
	}
	rnd := rand.New(rand.NewPCG(number, 3))
	for range kills {
		s := serve(t, c)
		time.Sleep(time.Duration(300+rnd.IntN(3000)) * time.Millisecond) // it reads, somewhere
		s.Kill()
		census(t, c) // whatever stands there never contradicts itself
	}
	close(stop)
	wg.Wait()
	s := serve(t, c)
	defer s.Kill()
	total := 0
	for _, crowd := range all {
		total += len(crowd.now)
		await(t, crowd.source+" is read to its end", func() bool {
			got := census(t, c).Messages
			for native, text := range crowd.now {
				sum := sha256.Sum256([]byte(text))
				if !strings.Contains(got[crowd.source+" "+native], " "+hex.EncodeToString(sum[:8])+" ") {
					return false
				}
			}
			return true
		})
	}
	for key := range census(t, c).Messages {
		from, native, _ := strings.Cut(key, " ")
		known := false
		for _, crowd := range all {
			_, said := crowd.now[native]
			known = known || said && from == crowd.source
		}
		if !known {
			t.Errorf("%s: nobody said it", key)
		}
	}
	t.Logf("%d comments on %d networks, %d kills", total, len(all), kills)
}
