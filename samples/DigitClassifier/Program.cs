using System.Globalization;
using System.Text;
using DigitClassifier;
using ModelCompiler.Runtime;

const int LeadingDigits = 5;

Console.OutputEncoding = Encoding.UTF8; // the drawings are braille patterns
try
{
    Run(AppContext.BaseDirectory);
    return 0;
}
catch (Exception e) when (e is IOException or InvalidDataException or ModelCompilerException)
{
    Console.Error.WriteLine($"DigitClassifier: {e.Message}");
    return 1;
}

static void Run(string folder)
{
    DigitSet evaluation = DigitSet.Load(Path.Combine(folder, "data", "evaluation.npz"));
    string originalPath = Path.Combine(folder, "original", "digits.onnx");
    string compiledPath = Path.Combine(folder, DigitsPredictor.ModelPath);

    using var original = new OriginalModel(originalPath);
    using var compiled = new DigitsPredictor(); // like the session above, one thread unless told otherwise
    Answer Predict(ReadOnlySpan<float> image) => Answer.FromLogits(compiled.Predict(image).Logits.Span);

    Answer[] originalAnswers = AnswerAll(evaluation, original.Read);
    Answer[] compiledAnswers = AnswerAll(evaluation, Predict);

    // The first few, and the one that the compiled model finds hardest.
    int hardest = Enumerable.Range(0, evaluation.Count).MinBy(index => compiledAnswers[index].Confidence);
    Gallery.Print(evaluation, compiledAnswers, [.. Enumerable.Range(0, LeadingDigits), hardest], Console.Out);

    (double originalTime, double compiledTime) = InterleavedTiming.Measure(
        () => original.Read(evaluation.Image(0)),
        () => Predict(evaluation.Image(0)));

    double originalAccuracy = Accuracy(originalAnswers, evaluation);
    double compiledAccuracy = Accuracy(compiledAnswers, evaluation);
    Print($"Accuracy on {evaluation.Count} digits that the model never saw: float32 {originalAccuracy:P2}, int8 {compiledAccuracy:P2}.");
    Print($"One digit on one thread: float32 {originalTime:F3} ms, int8 {compiledTime:F3} ms.");
    Print($"Size: {KiB(originalPath)} KiB, compiled {KiB(compiledPath)} KiB.");
    Print($"");
    Print($"float32 {originalAccuracy * 100:F1} % · int8 {compiledAccuracy * 100:F1} % · latency ratio {compiledTime / originalTime:F2} · {KiB(originalPath)} → {KiB(compiledPath)} KiB");
}

static Answer[] AnswerAll(DigitSet digits, Classifier classifier)
{
    var answers = new Answer[digits.Count];
    for (int index = 0; index < answers.Length; index++)
    {
        answers[index] = classifier(digits.Image(index));
    }

    return answers;
}

static double Accuracy(Answer[] answers, DigitSet digits) =>
    Enumerable.Range(0, digits.Count).Count(index => answers[index].Digit == digits.Label(index)) / (double)digits.Count;

static long KiB(string path) => (long)Math.Round(new FileInfo(path).Length / 1024.0);

static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

internal delegate Answer Classifier(ReadOnlySpan<float> image);
