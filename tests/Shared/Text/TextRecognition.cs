using System.Text;
using ModelCompiler.Runtime;

namespace ModelCompiler.Tests.Text;

/// <summary>What the public recognizer and classifier make of lines, and the files to calibrate them with.</summary>
internal static class TextRecognition
{
    /// <summary>The columns that the classifier takes.</summary>
    private const int ClassifierWidth = 192;

    private static readonly Lazy<string[]> Characters = new(() =>
        ["", .. File.ReadLines(Path.Combine(Path.GetDirectoryName(PublicModels.PathOf(PublicModels.Recognizer))!, "ppocr_keys_v1.txt")), " "]);

    /// <summary>Writes each line to a file of its own, for the width is open; gives the folder.</summary>
    public static string WriteForRecognizer(string folder, IEnumerable<TextLine> lines)
    {
        Directory.CreateDirectory(folder);
        int number = 0;
        foreach (TextLine line in lines)
            File.WriteAllBytes(Path.Combine(folder, $"{number++:D3}.npz"), NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(Colors(line.Pixels), 1, 3, TextLine.Height, line.Width))));
        return folder;
    }

    /// <summary>Writes lines, every other one upside down, with labels: 0 for upright, 1 for upside down.</summary>
    public static string WriteForClassifier(string path, IEnumerable<TextLine> lines)
    {
        float[][] pixels = [.. lines.Select((line, i) => Colors([.. line.Fitted(ClassifierWidth, i % 2 == 1)]))];
        long[] labels = [.. pixels.Select((_, i) => i % 2L)];
        byte[] images = NumpyFiles.Npy<float>(pixels.SelectMany(p => p).ToArray(), pixels.Length, 3, TextLine.Height, ClassifierWidth);
        File.WriteAllBytes(path, NumpyFiles.Npz(("x", images), ("labels", NumpyFiles.Npy<long>(labels, labels.Length))));
        return path;
    }

    /// <summary>The input of the recognizer.</summary>
    public static IReadOnlyList<(string Name, TensorBuffer Value)> Input(TextLine line) =>
        [("x", TensorBuffer.Create([1, 3, TextLine.Height, line.Width], Colors(line.Pixels)))];

    /// <summary>Reads a line: connectionist temporal classification (Graves et al. 2006), where repetitions are one and class 0 is none. Spaces are left out.</summary>
    public static string Read(InferenceSession recognizer, TextLine line)
    {
        TensorBuffer scores = recognizer.Run(Input(line), [recognizer.Outputs[0].Name])[0];
        int classes = (int)scores.Shape[^1], last = 0;
        var text = new StringBuilder();
        for (int step = 0; step < scores.Length / classes; step++)
        {
            ReadOnlySpan<float> row = scores.AsSpan<float>().Slice(step * classes, classes);
            int best = 0;
            for (int c = 1; c < classes; c++)
                if (row[c] > row[best]) best = c;
            if (best != last) text.Append(Characters.Value[best]);
            last = best;
        }
        return text.Replace(" ", "").ToString();
    }

    private static float[] Colors(float[] gray) => [.. gray, .. gray, .. gray];
}
