namespace ModelCompiler.Optimizer.Compilation;

/// <summary>How numbers are held and computed in the compiled model.</summary>
public enum Precision
{
    /// <summary>As in the source model.</summary>
    Float32,

    /// <summary>16-bit floating point: 10 bits of fraction.</summary>
    Float16,

    /// <summary>16-bit floating point of float32's range: 7 bits of fraction.</summary>
    BFloat16,

    /// <summary>8-bit integers, with sensitive nodes kept in float.</summary>
    Mixed,

    /// <summary>8-bit integers with ranges measured on calibration data.</summary>
    Int8,

    /// <summary>8-bit integers with ranges measured at each run.</summary>
    Int8Dynamic,

    /// <summary>4-bit weights, float computation.</summary>
    Int4,

    /// <summary>Found by measurement.</summary>
    Auto,
}
