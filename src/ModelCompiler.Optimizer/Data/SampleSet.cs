using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Sample inputs for a model out of NumPy files, read one run at a time: memory does not depend on the number of samples.
/// <list type="bullet">
/// <item>A <c>.npz</c> holds an array for each input, named after it, and for evaluation an integer array <c>labels</c>.</item>
/// <item>A <c>.npy</c> is the array of a model with one input.</item>
/// <item>A folder holds any number of these, taken in ordinal order of their names, or one <c>.npy</c> for each input, named after it.</item>
/// </list>
/// The first dimension of an array counts samples. Where the array has as many dimensions as the input, that is the batch dimension, and the
/// samples are grouped to the batch size that the model fixes, or that the caller wants. Where it has one more, each entry is one whole input.
/// An array of rank 0 for an input of rank 0 serves every sample. Element types may differ in width (<see cref="ElementConversion"/>), not in kind.
/// </summary>
public sealed class SampleSet
{
    /// <summary>The array that holds classes.</summary>
    public const string LabelsName = "labels";

    /// <summary>Reads all batches from the first, at the batch size that is wanted.</summary>
    private readonly Func<int, IEnumerable<SampleBatch>> _batches;

    /// <summary>Whether it ends before its files do.</summary>
    private readonly bool _isPart;

    private SampleSet(string path, IReadOnlyList<SampleFile> files)
    {
        Path = path;
        _batches = batchSize => ReadFiles(files, batchSize);
        Count = files.Sum(file => file.Layout.Count);
        HasLabels = files.All(file => file.Layout.Labels is not null);
        Notes = [.. files.SelectMany(file => file.Layout.Inputs).Where(input => input.IsConverted).Select(input => $"{input.Input.Name}: {input.Header.ElementType.NumpyName()} is read as {input.Input.ElementType.NumpyName()}").Distinct()];
    }

    private SampleSet(IReadOnlyList<SampleBatch> batches)
    {
        Path = "";
        _batches = _ => batches;
        Count = batches.Sum(batch => (long)batch.ValidRows);
        IsMadeUp = true;
        Notes = [];
    }

    private SampleSet(SampleSet other, long count)
    {
        Path = other.Path;
        _batches = other._batches;
        Count = Math.Min(count, other.Count);
        _isPart = other._isPart || Count < other.Count;
        HasLabels = other.HasLabels;
        IsMadeUp = other.IsMadeUp;
        Notes = other.Notes;
    }

    /// <summary>The file or folder; empty for samples that are made up.</summary>
    public string Path { get; }

    /// <summary>The number of samples, at least one.</summary>
    public long Count { get; }

    /// <summary>Whether the inputs are random numbers: they show whether two models compute the same, and nothing about accuracy.</summary>
    public bool IsMadeUp { get; }

    /// <summary>Whether every file has labels.</summary>
    public bool HasLabels { get; }

    /// <summary>What the user should know of how the data is read.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Finds the arrays and checks them against the inputs; the data itself is read later.</summary>
    /// <exception cref="CompilerException">The data is not there, no NumPy data, or does not fit the inputs (OM22xx).</exception>
    public static SampleSet Open(string path, IReadOnlyList<SampleInput> inputs)
    {
        foreach (SampleInput input in inputs)
            if (input.ElementType.NumpyName() is null) throw DiagnosticTable.InputNotNumeric.Error(input.Name, input.ElementType);
        var files = new List<SampleFile>();
        foreach ((string file, Func<ArrayContainer> open) in Containers(path, inputs))
        {
            using ArrayContainer container = open();
            files.Add(new SampleFile(open, SampleLayout.Create(container, file, inputs)));
        }
        var set = new SampleSet(path, files);
        return set.Count > 0 ? set : throw DiagnosticTable.DataEmpty.ErrorIn(path, path);
    }

    /// <summary>Inputs that nobody measured, one run each.</summary>
    internal static SampleSet MadeUp(IReadOnlyList<SampleBatch> batches) => new(batches);

    /// <summary>The first samples only: <paramref name="count"/> of them, rounded up to whole runs.</summary>
    public SampleSet Take(long count) => new(this, count);

    /// <summary>The inputs of the first samples, one by one.</summary>
    public IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> Inputs(long count, CancellationToken cancellationToken = default) =>
        Take(count).Read(cancellationToken: cancellationToken).Select(batch => batch.Inputs);

    /// <summary>Fails unless there are labels.</summary>
    /// <exception cref="CompilerException">There are none.</exception>
    public void RequireLabels()
    {
        if (!HasLabels) throw DiagnosticTable.LabelsMissing.ErrorIn(Path, Path);
    }

    /// <summary>Reads the samples in order, again at each call.</summary>
    /// <param name="batchSize">Samples per run, where the model leaves that open.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    /// <exception cref="CompilerException">A file is damaged, or was changed since it was opened.</exception>
    public IEnumerable<SampleBatch> Read(int batchSize = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        long done = 0;
        foreach (SampleBatch batch in _batches(batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return batch;
            // Whoever reads all goes on to the end of the file, where damage shows.
            if ((done += batch.ValidRows) >= Count && _isPart) yield break;
        }
    }

    private static IEnumerable<SampleBatch> ReadFiles(IReadOnlyList<SampleFile> files, int batchSize)
    {
        foreach (SampleFile file in files)
        {
            using ArrayContainer container = file.Open();
            using var reader = new BatchReader(container, file.Layout, batchSize);
            while (reader.Next() is { } batch) yield return batch;
        }
    }

    private static IEnumerable<(string Path, Func<ArrayContainer> Open)> Containers(string path, IReadOnlyList<SampleInput> inputs)
    {
        if (!Directory.Exists(path)) return [OneFile(path, inputs)];
        string[] files = [.. Directory.EnumerateFiles(path).Where(file => HasExtension(file, ".npz") || HasExtension(file, ".npy")).Order(StringComparer.Ordinal)];
        if (files.Length == 0) throw DiagnosticTable.DataFolderEmpty.ErrorIn(path, path);
        var byName = new Dictionary<string, string>();
        foreach (string file in files)
            if (HasExtension(file, ".npy")) byName.TryAdd(System.IO.Path.GetFileNameWithoutExtension(file), file);
        bool isOnePerInput = byName.Count == files.Length && (inputs.Count > 1 || byName.ContainsKey(inputs[0].Name));
        return isOnePerInput ? [(path, () => new NpyFiles(byName))] : files.Select(file => OneFile(file, inputs));
    }

    private static (string Path, Func<ArrayContainer> Open) OneFile(string path, IReadOnlyList<SampleInput> inputs)
    {
        string nameOfSingle = inputs.Count == 1 ? inputs[0].Name : System.IO.Path.GetFileNameWithoutExtension(path);
        return (path, () => ArrayContainer.OpenFile(path, nameOfSingle));
    }

    private static bool HasExtension(string file, string extension) => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    private sealed record SampleFile(Func<ArrayContainer> Open, SampleLayout Layout);
}
