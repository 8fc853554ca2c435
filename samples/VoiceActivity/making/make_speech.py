"""Makes audio/speech.wav: quiet noise with two sentences of espeak-ng in it, 16 kHz, mono. Needs espeak-ng.

The sentences begin at 1.0 s and at 4.0 s.
"""
import audioop
import pathlib
import random
import subprocess
import tempfile
import wave

RATE = 16000
SECONDS = 7
SENTENCES = [(1.0, "The model is compiled with the program."), (4.0, "And it hears when somebody speaks.")]


def speak(text):
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", "en", "-s", "150", "-w", file.name, text], check=True)
        with wave.open(file.name) as sound:
            samples = sound.readframes(sound.getnframes())
            return audioop.ratecv(samples, 2, 1, sound.getframerate(), RATE, None)[0]


def main():
    noise = random.Random(1)
    track = b"".join(noise.randint(-60, 60).to_bytes(2, "little", signed=True) for _ in range(RATE * SECONDS))
    for start, text in SENTENCES:
        speech = speak(text)
        at = int(start * RATE) * 2
        track = track[:at] + audioop.add(track[at:at + len(speech)], speech, 2) + track[at + len(speech):]
        print(f"{start:.2f} to {start + len(speech) / 2 / RATE:.2f} s: {text}")
    with wave.open(str(pathlib.Path(__file__).parent.parent / "audio" / "speech.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(track)


main()
