using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>How an array gives an input.</summary>
internal enum InputMode
{
    /// <summary>One value for all samples.</summary>
    Shared,

    /// <summary>An entry of the array is a row of the batch.</summary>
    Rows,

    /// <summary>An entry of the array is the whole input.</summary>
    Whole,
}

/// <summary>An input and the array that gives it.</summary>
internal sealed record InputLayout(SampleInput Input, NpyHeader Header, InputMode Mode)
{
    /// <summary>Entries along the first dimension.</summary>
    public long Entries => Mode == InputMode.Shared ? 0 : Header.Shape[0];

    /// <summary>The batch size that the model prescribes, or null.</summary>
    public long? FixedRows => Mode == InputMode.Rows && Input.Shape is { } shape ? shape[0].ValueOrNull : null;

    /// <summary>Whether the elements are read as those of another type.</summary>
    public bool IsConverted => Header.ElementType != Input.ElementType;
}

/// <summary>How the arrays of one file give the inputs of a model, checked.</summary>
internal sealed class SampleLayout
{
    private SampleLayout(IReadOnlyList<InputLayout> inputs, NpyHeader? labels)
    {
        Inputs = inputs;
        Labels = labels;
        FixedRows = inputs.Max(input => input.FixedRows);
        HasWhole = inputs.Any(input => input.Mode == InputMode.Whole);
        // Rows of a batch are samples; where each run takes whole inputs only, runs are.
        Count = (inputs.FirstOrDefault(input => input.Mode == InputMode.Rows) ?? inputs.FirstOrDefault(input => input.Mode == InputMode.Whole))?.Entries ?? 1;
    }

    public IReadOnlyList<InputLayout> Inputs { get; }

    public NpyHeader? Labels { get; }

    /// <summary>The number of samples.</summary>
    public long Count { get; }

    /// <summary>Whether the last run is filled up to the batch size that the model prescribes.</summary>
    public bool IsPadded => FixedRows is not null;

    private long? FixedRows { get; }

    private bool HasWhole { get; }

    /// <summary>Entries of an array that one run takes.</summary>
    public long EntriesPerRun(InputLayout input, int batchSize) =>
        input.Mode == InputMode.Rows ? input.FixedRows ?? FixedRows ?? (HasWhole ? 1 : batchSize) : 1;

    /// <summary>Matches the arrays of a file with the inputs of a model.</summary>
    /// <exception cref="CompilerException">They do not fit.</exception>
    public static SampleLayout Create(ArrayContainer container, string path, IReadOnlyList<SampleInput> inputs)
    {
        CheckNames(container, path, inputs);
        var layouts = inputs.Select(input => Match(input, HeaderOf(container, input.Name), $"'{input.Name}' in '{path}'")).ToList();
        bool hasLabels = container.Names.Contains(SampleSet.LabelsName) && inputs.All(input => input.Name != SampleSet.LabelsName);
        var layout = new SampleLayout(layouts, hasLabels ? HeaderOf(container, SampleSet.LabelsName) : null);
        layout.CheckCounts(path);
        layout.CheckLabels(path);
        return layout;
    }

    private static NpyHeader HeaderOf(ArrayContainer container, string name)
    {
        using NpyReader reader = container.Open(name);
        return reader.Header;
    }

    private static void CheckNames(ArrayContainer container, string path, IReadOnlyList<SampleInput> inputs)
    {
        var wanted = inputs.Select(input => input.Name).ToHashSet();
        foreach (string name in wanted)
            if (!container.Names.Contains(name)) throw DiagnosticTable.ArrayMissing.ErrorIn(path, path, name, List(container.Names));
        foreach (string name in container.Names)
            if (name != SampleSet.LabelsName && !wanted.Contains(name)) throw DiagnosticTable.ArrayUnexpected.ErrorIn(path, path, name, List(wanted));
    }

    /// <summary>Pixels are bytes to a model that takes pictures: cut to whole numbers, those that were scaled to one would all be black.</summary>
    private static string Conversion(ElementType from, ElementType to) =>
        to == ElementType.UInt8 && from is ElementType.Float or ElementType.Double or ElementType.Float16
            ? "x.astype(numpy.uint8), of pixels from 0 to 255: (255 * x).astype(numpy.uint8) where they were scaled to 1"
            : $"x.astype(numpy.{to.NumpyName()})";

    private static InputLayout Match(SampleInput input, NpyHeader header, string where)
    {
        if (!ElementConversion.IsPossible(header.ElementType, input.ElementType))
            throw DiagnosticTable.ArrayTypeMismatch.Error(where, header.ElementType.NumpyName(), input.ElementType.NumpyName(), Conversion(header.ElementType, input.ElementType));
        int rank = header.Shape.Count;
        int inputRank = input.Shape?.Rank ?? rank;
        InputMode mode = rank == inputRank ? (rank == 0 ? InputMode.Shared : InputMode.Rows) : InputMode.Whole;
        if (rank != inputRank + (mode == InputMode.Whole ? 1 : 0) || !Fits(input.Shape, header, mode))
            throw DiagnosticTable.ArrayShapeMismatch.Error(where, $"[{string.Join(", ", header.Shape)}]", ExpectedShape(input.Shape));
        return new InputLayout(input, header, mode);
    }

    private static bool Fits(Shape? shape, NpyHeader header, InputMode mode)
    {
        if (shape is null || mode == InputMode.Shared) return true;
        // Rows of a batch whose fixed size is 0 would never end.
        if (mode == InputMode.Rows && shape[0].ValueOrNull == 0) return false;
        int offset = mode == InputMode.Whole ? 1 : 0;
        for (int axis = 1; axis < header.Shape.Count; axis++)
            if (!shape[axis - offset].IsCompatible(Dim.Of(header.Shape[axis]))) return false;
        return true;
    }

    private static string ExpectedShape(Shape? shape) => shape is null ? "one or more dimensions"
        : shape.Rank == 0 ? "[samples] or []"
        : $"[{string.Join(", ", shape.Skip(1).Select(dim => dim.ToString()).Prepend("samples"))}]";

    private static string List(IReadOnlyCollection<string> names) => names.Count == 0 ? "none" : string.Join(", ", names.Take(20).Select(name => $"'{name}'"));

    /// <summary>Every array must last for the same number of runs, and arrays of the same pace must end in the same one.</summary>
    private void CheckCounts(string path)
    {
        InputLayout[] counted = [.. Inputs.Where(input => input.Mode != InputMode.Shared)];
        int runs = counted.Select(input => (input.Entries + EntriesPerRun(input, 1) - 1) / EntriesPerRun(input, 1)).Distinct().Count();
        bool isEven = counted.GroupBy(input => EntriesPerRun(input, 1)).All(pace => pace.Select(input => input.Entries).Distinct().Count() == 1);
        if (runs > 1 || !isEven)
            throw DiagnosticTable.SampleCountMismatch.ErrorIn(path, path, string.Join(", ", counted.Select(input => $"'{input.Input.Name}' {input.Entries}")));
    }

    private void CheckLabels(string path)
    {
        if (Labels is null) return;
        bool isInteger = Labels.ElementType is ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.Int64
            or ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64;
        bool isColumn = Labels.Shape.Count == 1 || (Labels.Shape.Count == 2 && Labels.Shape[1] == 1);
        if (!isInteger || !isColumn || Labels.Shape[0] != Count)
            throw DiagnosticTable.LabelsInvalid.ErrorIn(path, path, $"{Labels.ElementType.NumpyName()} [{string.Join(", ", Labels.Shape)}]", Count);
    }
}
