package vk_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/source/vk"
)

func TestPeopleChooseWhatIsReadOfACommunity(t *testing.T) {
	t.Parallel()
	raw := json.RawMessage(`{"group":1001,"posts":50,"talks":true}`)
	was := map[string]string{}
	for _, f := range vk.Fields(raw) {
		was[f.Name] = f.Value
	}
	if diff := cmp.Diff(map[string]string{"events": "", "boards": "", "talks": "yes"}, was); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	got, err := vk.Set(raw, map[string]string{"events": vk.LongPoll, "boards": "yes", "talks": ""})
	if err != nil || string(got) != `{"group":1001,"posts":50,"events":"longpoll","boards":true}` {
		t.Errorf("Set = %s, %v", got, err)
	}
	if same, err := vk.Set(got, map[string]string{}); err != nil || string(same) != string(got) {
		t.Errorf("nothing chosen changes nothing: %s, %v", same, err)
	}
	if _, err := vk.Set(json.RawMessage(`{"group":"x"}`), nil); err == nil {
		t.Error("settings that cannot be read are kept")
	}
}
