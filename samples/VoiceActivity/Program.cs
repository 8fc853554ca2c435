using System.Globalization;
using VoiceActivity;

// The model hears 32 ms at a time, and the last 4 ms of those before.
const int Frame = 512, Context = 64;

string path = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "audio", "speech.wav");
var sound = WavFile.Read(path);
using var predictor = new SpeechPredictor();
using var stream = predictor.OpenStream();

var probabilities = new List<float>();
float[] window = new float[Context + Frame];
for (int start = 0; start + Frame <= sound.Samples.Length; start += Frame)
{
    window.AsSpan(Frame).CopyTo(window);
    sound.Samples.AsSpan(start, Frame).CopyTo(window.AsSpan(Context));
    probabilities.Add(stream.Predict(window, sound.Rate).Probability.Span[0]);
}

foreach (var (first, last) in SpeechSegments.Of(probabilities))
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"speech from {Seconds(first):F2} to {Seconds(last + 1):F2} s"));
}

double Seconds(int frame) => (double)frame * Frame / sound.Rate;
